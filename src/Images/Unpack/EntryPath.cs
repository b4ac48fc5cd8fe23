using Rundlet.Images.Tar;

namespace Rundlet.Images.Unpack;

/// <summary>
/// An entry's path, cleaned: no slash at either end or doubled, no <c>.</c>; one with <c>..</c> is refused, an absolute one is taken
/// as relative to the root, as every unpacker of layers does.
/// </summary>
internal readonly struct EntryPath
{
    private readonly byte[] _clean;
    private readonly int _baseStart;

    private EntryPath(byte[] clean)
    {
        _clean = clean;
        _baseStart = clean.AsSpan().LastIndexOf((byte)'/') + 1;
    }

    /// <summary>The whole path; empty for the root itself.</summary>
    public byte[] Full => _clean;

    /// <summary>Whether this is the root itself.</summary>
    public bool IsRoot => _clean.Length == 0;

    /// <summary>The last component.</summary>
    public ReadOnlySpan<byte> Base => _clean.AsSpan(_baseStart);

    /// <summary>What stands before it; empty for names directly in the root.</summary>
    public ReadOnlySpan<byte> Parent => _clean.AsSpan(0, Math.Max(0, _baseStart - 1));

    /// <summary>Cleans a name of an archive.</summary>
    /// <exception cref="Linux.ContainerException">It holds <c>..</c>.</exception>
    public static EntryPath Parse(byte[] name, TarEntry entry)
    {
        if (IsClean(name))
            return new EntryPath(name);
        byte[] clean = new byte[name.Length];
        int length = 0;
        ReadOnlySpan<byte> rest = name;
        foreach (Range range in rest.Split((byte)'/'))
        {
            ReadOnlySpan<byte> component = rest[range];
            if (component.IsEmpty || component.SequenceEqual("."u8))
                continue;
            if (component.SequenceEqual(".."u8))
                throw TarFormatError.In(entry, $"path '{ByteText.Show(name)}' holds '..'");
            if (length > 0)
                clean[length++] = (byte)'/';
            component.CopyTo(clean.AsSpan(length));
            length += component.Length;
        }
        return new EntryPath(clean.AsSpan(0, length).ToArray());
    }

    /// <summary>The quick look that most names pass: components neither empty nor beginning with a dot.</summary>
    private static bool IsClean(ReadOnlySpan<byte> name) =>
        name[0] is not ((byte)'/' or (byte)'.') && name[^1] != '/' && name.IndexOf("//"u8) < 0 && name.IndexOf("/."u8) < 0;
}
