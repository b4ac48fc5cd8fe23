using System.Text;

namespace Rundlet.Syscalls;

/// <summary>
/// A path or name as the kernel wants it: bytes with a NUL behind them. Made from a string (as UTF-8) or from bytes;
/// one that holds a NUL itself is refused, because the kernel would see another name than the caller.
/// </summary>
public readonly ref struct CString
{
    private static readonly UTF8Encoding s_strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly ReadOnlySpan<byte> _terminated;

    private CString(ReadOnlySpan<byte> terminated) => _terminated = terminated;

    /// <summary>Copies bytes without a NUL.</summary>
    /// <exception cref="ArgumentException">The bytes hold a NUL.</exception>
    public static implicit operator CString(ReadOnlySpan<byte> name)
    {
        byte[] copy = new byte[name.Length + 1];
        name.CopyTo(copy);
        return Checked(copy);
    }

    /// <summary>Copies bytes without a NUL.</summary>
    /// <exception cref="ArgumentException">The bytes hold a NUL.</exception>
    public static implicit operator CString(byte[] name) => (ReadOnlySpan<byte>)name;

    /// <summary>Encodes a string as UTF-8.</summary>
    /// <exception cref="ArgumentException">The string holds a NUL or half a surrogate pair.</exception>
    public static implicit operator CString(string name)
    {
        byte[] copy = new byte[s_strict.GetByteCount(name) + 1];
        s_strict.GetBytes(name, copy);
        return Checked(copy);
    }

    /// <summary>For <c>fixed</c>.</summary>
    public ref readonly byte GetPinnableReference() => ref _terminated.GetPinnableReference();

    private static CString Checked(byte[] terminated)
    {
        if (terminated.AsSpan(0, terminated.Length - 1).Contains((byte)0))
            throw new ArgumentException("a NUL byte inside a path or name");
        return new CString(terminated);
    }
}
