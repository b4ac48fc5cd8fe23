using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Images.Unpack;

/// <summary>Extended attributes of what lies in layers, by open fd.</summary>
internal static class LayerAttributes
{
    private const int MaxBytes = 64 << 10; // XATTR_LIST_MAX and XATTR_SIZE_MAX

    private static readonly List<byte[]> s_none = [];

    /// <summary>Gives a file or folder the attributes of another, those that a layer may set; see <see cref="OverlayForm.Accepts"/>.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void Copy(int from, int to)
    {
        byte[] value = [];
        foreach (byte[] name in Names(from))
        {
            if (value.Length == 0)
                value = new byte[MaxBytes];
            nint size = LinuxException.ThrowIfError(Sys.fgetxattr(from, name, value), "read attribute", ByteText.Show(name));
            LinuxException.ThrowIfError(Sys.fsetxattr(to, name, value.AsSpan(0, (int)size)), "set attribute", ByteText.Show(name));
        }
    }

    /// <summary>Takes away all attributes that a layer may set.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void Remove(int fd)
    {
        foreach (byte[] name in Names(fd))
        {
            int answer = Sys.fremovexattr(fd, name);
            if (!Sys.Is(answer, Errno.ENODATA)) // an access list that went with another one
                LinuxException.ThrowIfError(answer, "remove attribute", ByteText.Show(name));
        }
    }

    private static List<byte[]> Names(int fd)
    {
        // Most files have none: one question, and no memory.
        nint length = Sys.flistxattr(fd, []);
        if (length == 0 || Sys.Is(length, Errno.EOPNOTSUPP))
            return s_none;
        byte[] names = new byte[MaxBytes];
        length = LinuxException.ThrowIfError(Sys.flistxattr(fd, names), "list attributes");
        List<byte[]> accepted = [];
        for (ReadOnlySpan<byte> rest = names.AsSpan(0, (int)length); !rest.IsEmpty;)
        {
            int end = rest.IndexOf((byte)0);
            if (OverlayForm.Accepts(rest[..end]))
                accepted.Add(rest[..end].ToArray());
            rest = rest[(end + 1)..];
        }
        return accepted;
    }

    /// <summary>Whether a folder hides the folders of its name in the layers below.</summary>
    public static bool IsOpaque(int folder)
    {
        Span<byte> value = stackalloc byte[8];
        nint size = Sys.fgetxattr(folder, OverlayForm.OpaqueXattr, value);
        return size > 0 && value[..(int)size].SequenceEqual(OverlayForm.OpaqueValue);
    }
}
