namespace Rundlet.Oci;

/// <summary>Ids of a process, as seen inside the container (config.md, POSIX-platform User).</summary>
public sealed class User
{
    /// <summary>User id.</summary>
    public uint Uid { get; set; }

    /// <summary>Group id.</summary>
    public uint Gid { get; set; }

    /// <summary>File mode creation mask, umask(2), in decimal in the document; absent leaves it alone.</summary>
    public uint? Umask { get; set; }

    /// <summary>Supplementary group ids.</summary>
    public List<uint>? AdditionalGids { get; set; }
}
