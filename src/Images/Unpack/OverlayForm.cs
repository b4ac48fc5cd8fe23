using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Images.Unpack;

/// <summary>
/// How a layer says that something of the layers below is gone: <c>.wh.NAME</c> in archives (image-spec, layer.md "Whiteouts"), a
/// character device 0/0 and an attribute for overlayfs (kernel documentation, filesystems/overlayfs).
/// </summary>
internal static class OverlayForm
{
    /// <summary>What marks a folder that hides all of its lower namesakes.</summary>
    public const string OpaqueXattr = "trusted.overlay.opaque";

    /// <summary>Its value.</summary>
    public static ReadOnlySpan<byte> OpaqueValue => "y"u8;

    /// <summary>On a file whose content is still in a lower layer (mount option <c>metacopy</c>).</summary>
    public const string MetacopyXattr = "trusted.overlay.metacopy";

    /// <summary>On a folder that has another name in the lower layers (mount option <c>redirect_dir</c>).</summary>
    public const string RedirectXattr = "trusted.overlay.redirect";

    /// <summary>Begins the name of a whiteout.</summary>
    public static ReadOnlySpan<byte> WhiteoutPrefix => ".wh."u8;

    /// <summary>The entry that makes its folder opaque.</summary>
    public static ReadOnlySpan<byte> OpaqueMarker => ".wh..wh..opq"u8;

    /// <summary>Begins names that aufs kept for itself; they say nothing about the layer.</summary>
    public static ReadOnlySpan<byte> AufsPrefix => ".wh..wh."u8;

    /// <summary>Whether a name is a whiteout.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static bool IsWhiteout(int folder, byte[] name)
    {
        LinuxException.ThrowIfError(Sys.statx(folder, name, AT.SYMLINK_NOFOLLOW, STATX.TYPE, out statx_t stat), "stat", ByteText.Show(name));
        return (stat.stx_mode & S.IFMT) == S.IFCHR && stat is { stx_rdev_major: 0, stx_rdev_minor: 0 };
    }

    /// <summary>Lets a folder hide its lower namesakes.</summary>
    /// <param name="folder">An fd of it, which may be <c>O_PATH</c>.</param>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void MarkOpaque(int folder)
    {
        using OwnedFd readable = FileIo.Open(folder, ".", O.RDONLY | O.DIRECTORY);
        LinuxException.ThrowIfError(Sys.fsetxattr(readable.Value, OpaqueXattr, OpaqueValue), "mark folder opaque");
    }

    /// <summary>
    /// Whether a layer may set an attribute. Overlayfs' own would let it redirect lookups to other folders; labels of the host's
    /// security modules (security.selinux, security.ima, …) are the host's to give.
    /// </summary>
    public static bool Accepts(ReadOnlySpan<byte> xattr)
    {
        if (xattr.StartsWith("trusted.overlay."u8) || xattr.StartsWith("user.overlay."u8))
            return false;
        return xattr.SequenceEqual("security.capability"u8) || xattr.StartsWith("user."u8) || xattr.StartsWith("trusted."u8)
            || xattr.SequenceEqual("system.posix_acl_access"u8) || xattr.SequenceEqual("system.posix_acl_default"u8);
    }
}
