namespace Rundlet.Images.Tar;

/// <summary>What an archive entry makes.</summary>
public enum TarEntryKind
{
    /// <summary>A file with content.</summary>
    Regular,

    /// <summary>A second name for an entry before it.</summary>
    HardLink,

    /// <summary>A symbolic link.</summary>
    SymbolicLink,

    /// <summary>A character device.</summary>
    CharacterDevice,

    /// <summary>A block device.</summary>
    BlockDevice,

    /// <summary>A folder.</summary>
    Directory,

    /// <summary>A named pipe.</summary>
    Fifo,
}
