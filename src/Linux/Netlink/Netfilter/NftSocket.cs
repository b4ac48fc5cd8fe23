using Rundlet.Syscalls;

namespace Rundlet.Linux.Netlink.Netfilter;

/// <summary>
/// nftables of one network namespace: of the one in which the socket was opened. Tables of family inet.
/// </summary>
public sealed class NftSocket : IDisposable
{
    private readonly NetlinkSocket _socket;

    private NftSocket(NetlinkSocket socket) => _socket = socket;

    /// <summary>Opens a socket in the calling thread's network namespace.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static NftSocket Open() => new(NetlinkSocket.Open(NETLINK.NETFILTER));

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();

    /// <summary>A number that changes with every change of any rule, for <see cref="NftTransaction"/>.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public uint Generation()
    {
        NetlinkBatch batch = new();
        NftTransaction.Message(batch, NFT_MSG.GETGEN, NLM_F.ACK, "get nftables generation", "").Dispose();
        return _socket.Get(batch, static (in NetlinkMessage message) => (object?)ParseGeneration(in message)) is uint generation ? generation : 0;
    }

    /// <summary>The comment of a table; null when there is no such table.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public string? TryGetTableComment(string table)
    {
        NetlinkBatch batch = new();
        using (NftTransaction.Message(batch, NFT_MSG.GETTABLE, NLM_F.ACK, "get nftables table", table))
            batch.Text(NFTA.TABLE_NAME, table);
        try
        {
            return _socket.Get(batch, ParseTableComment) ?? "";
        }
        catch (LinuxException e) when (e.Errno == Errno.ENOENT)
        {
            return null;
        }
    }

    /// <summary>All elements of a set or map.</summary>
    /// <exception cref="LinuxException">The kernel refused; <c>ENOENT</c> for a table or set that does not exist.</exception>
    public List<NftElement> ListElements(string table, string set)
    {
        List<List<NftElement>> parts = _socket.Dump(
            () =>
            {
                NetlinkBatch batch = new();
                using (NftTransaction.Message(batch, NFT_MSG.GETSETELEM, NLM_F.DUMP, "list nftables set", set))
                {
                    batch.Text(NFTA.SET_ELEM_LIST_TABLE, table);
                    batch.Text(NFTA.SET_ELEM_LIST_SET, set);
                }
                return batch;
            },
            ParseElements);
        return parts.Count == 1 ? parts[0] : [.. parts.SelectMany(static part => part)];
    }

    /// <summary>Makes all changes of a transaction, or none.</summary>
    /// <exception cref="LinuxException">
    /// The kernel refused, nothing was changed; <c>ERESTART</c> when rules changed since the transaction's generation.
    /// </exception>
    public void Commit(NftTransaction transaction)
    {
        NetlinkBatch batch = transaction.Finish();
        _socket.ExchangeAtOnce(batch);
        bool answered = false;
        foreach (NetlinkRequest request in batch.Requests)
        {
            request.ThrowIfFailed();
            answered |= request.WasAnswered;
        }
        if (!answered)
            throw new LinuxException(Errno.EBADMSG, "commit nftables transaction");
    }

    private static uint? ParseGeneration(in NetlinkMessage message)
    {
        message.Header<nfgenmsg>(out NetlinkAttributes attributes);
        return attributes.TryFind(NFTA.GEN_ID, out NetlinkAttribute id) ? id.UInt32Network : null;
    }

    private static string? ParseTableComment(in NetlinkMessage message)
    {
        message.Header<nfgenmsg>(out NetlinkAttributes attributes);
        return attributes.TryFind(NFTA.TABLE_USERDATA, out NetlinkAttribute data) ? NftTransaction.ReadComment(data.Value) : null;
    }

    internal static List<NftElement>? ParseElements(in NetlinkMessage message)
    {
        message.Header<nfgenmsg>(out NetlinkAttributes attributes);
        if (!attributes.TryFind(NFTA.SET_ELEM_LIST_ELEMENTS, out NetlinkAttribute list))
            return null;
        List<NftElement> elements = [];
        foreach (NetlinkAttribute item in list.Nested)
        {
            byte[] key = [], data = [];
            string comment = "";
            foreach (NetlinkAttribute attribute in item.Nested)
            {
                if (attribute.Type == NFTA.SET_ELEM_KEY && attribute.Nested.TryFind(NFTA.DATA_VALUE, out NetlinkAttribute value))
                    key = value.Value.ToArray();
                else if (attribute.Type == NFTA.SET_ELEM_DATA && attribute.Nested.TryFind(NFTA.DATA_VALUE, out value))
                    data = value.Value.ToArray();
                else if (attribute.Type == NFTA.SET_ELEM_USERDATA)
                    comment = NftTransaction.ReadComment(attribute.Value);
            }
            elements.Add(new NftElement(key, data, comment));
        }
        return elements;
    }
}
