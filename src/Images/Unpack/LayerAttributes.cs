using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Images.Unpack;

/// <summary>Extended attributes of what lies in layers, by open fd.</summary>
internal static class LayerAttributes
{
    private const int MaxBytes = 64 << 10; // XATTR_LIST_MAX and XATTR_SIZE_MAX

    /// <summary>Gives a file or folder the attributes of another, those that a layer may set; see <see cref="OverlayForm.Accepts"/>.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void Copy(int from, int to)
    {
        // Most files have none: one question, and no memory.
        nint length = Sys.flistxattr(from, []);
        if (length == 0 || Sys.Is(length, Errno.EOPNOTSUPP))
            return;
        byte[] names = new byte[MaxBytes], value = new byte[MaxBytes];
        length = LinuxException.ThrowIfError(Sys.flistxattr(from, names), "list attributes");
        for (ReadOnlySpan<byte> rest = names.AsSpan(0, (int)length); !rest.IsEmpty;)
        {
            int end = rest.IndexOf((byte)0);
            byte[] name = rest[..end].ToArray();
            rest = rest[(end + 1)..];
            if (!OverlayForm.Accepts(name))
                continue;
            nint size = LinuxException.ThrowIfError(Sys.fgetxattr(from, name, value), "read attribute", ByteText.Show(name));
            LinuxException.ThrowIfError(Sys.fsetxattr(to, name, value.AsSpan(0, (int)size)), "set attribute", ByteText.Show(name));
        }
    }

    /// <summary>Whether a folder hides the folders of its name in the layers below.</summary>
    public static bool IsOpaque(int folder)
    {
        Span<byte> value = stackalloc byte[8];
        nint size = Sys.fgetxattr(folder, OverlayForm.OpaqueXattr, value);
        return size > 0 && value[..(int)size].SequenceEqual(OverlayForm.OpaqueValue);
    }
}
