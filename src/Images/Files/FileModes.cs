namespace Rundlet.Images.Files;

/// <summary>Permission bits by what they are for.</summary>
internal static class FileModes
{
    /// <summary>0600.</summary>
    public const uint PrivateFile = 0x180;

    /// <summary>0700: layers hold set-uid files of other people's making, and no user of the host may reach them.</summary>
    public const uint PrivateFolder = 0x1c0;

    /// <summary>0755.</summary>
    public const uint PublicFolder = 0x1ed;
}
