namespace Rundlet.Images.Push;

/// <summary>What happens to a blob on its way to a registry.</summary>
public enum PushPhase
{
    /// <summary>Others come first.</summary>
    Waiting,

    /// <summary>Is packed with gzip, and then sent under another digest.</summary>
    Packing,

    /// <summary>Was packed.</summary>
    Packed,

    /// <summary>Is sent.</summary>
    Pushing,

    /// <summary>The registry has had it.</summary>
    Present,

    /// <summary>The registry took it over from another of its repositories.</summary>
    Mounted,

    /// <summary>Is not for registries: its licence says where it is to be had.</summary>
    Skipped,

    /// <summary>Was sent, and is there.</summary>
    Complete,
}
