using Rundlet.Syscalls;

namespace Rundlet.Linux.Netlink;

/// <summary>The attributes in a message or in another attribute, for <c>foreach</c>. Never reads beyond its bytes.</summary>
public readonly ref struct NetlinkAttributes(ReadOnlySpan<byte> bytes)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;

    /// <summary>For <c>foreach</c>.</summary>
    public Enumerator GetEnumerator() => new(_bytes);

    /// <summary>The first attribute of that type.</summary>
    /// <returns>False when there is none.</returns>
    /// <exception cref="LinuxException"><c>EBADMSG</c>: an attribute is cut short.</exception>
    public bool TryFind(ushort type, out NetlinkAttribute attribute)
    {
        foreach (NetlinkAttribute candidate in this)
        {
            if (candidate.Type == type)
            {
                attribute = candidate;
                return true;
            }
        }
        attribute = default;
        return false;
    }

    /// <summary>Walks over the attributes.</summary>
    public ref struct Enumerator
    {
        private const int HeaderLength = 4;
        private ReadOnlySpan<byte> _rest;

        internal Enumerator(ReadOnlySpan<byte> bytes) => _rest = bytes;

        /// <summary>The attribute at hand.</summary>
        public NetlinkAttribute Current { get; private set; }

        /// <summary>Goes to the next attribute.</summary>
        /// <exception cref="LinuxException"><c>EBADMSG</c>: the attribute is cut short.</exception>
        public bool MoveNext()
        {
            if (_rest.IsEmpty)
                return false;
            if (_rest.Length < HeaderLength)
                throw NetlinkMessage.Malformed();
            int length = BitConverter.ToUInt16(_rest);
            if (length < HeaderLength || length > _rest.Length)
                throw NetlinkMessage.Malformed();
            ushort type = (ushort)(BitConverter.ToUInt16(_rest[2..]) & ~(NLA.F_NESTED | NLA.F_NET_BYTEORDER));
            Current = new NetlinkAttribute(type, _rest[HeaderLength..length]);
            _rest = _rest[Math.Min(_rest.Length, (length + 3) & ~3)..];
            return true;
        }
    }
}
