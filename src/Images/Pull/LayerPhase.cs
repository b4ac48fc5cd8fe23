namespace Rundlet.Images.Pull;

/// <summary>What happens to a layer on its way into the store.</summary>
public enum LayerPhase
{
    /// <summary>Others come first, or another process is at it.</summary>
    Waiting,

    /// <summary>Comes from the registry, and is unpacked as it comes.</summary>
    Downloading,

    /// <summary>Is unpacked from the store.</summary>
    Extracting,

    /// <summary>Is verified; becomes visible with the others.</summary>
    Verified,

    /// <summary>Was here already.</summary>
    Present,

    /// <summary>Is here, and lasts.</summary>
    Complete,
}
