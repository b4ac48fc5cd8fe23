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

    /// <summary>Whether there is such a table.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public bool HasTable(string table)
    {
        NetlinkBatch batch = new();
        using (NftTransaction.Message(batch, NFT_MSG.GETTABLE, NLM_F.ACK, "get nftables table", table))
            batch.Text(NFTA.TABLE_NAME, table);
        _socket.Exchange(batch);
        return Exists(batch.Requests[0]);
    }

    /// <summary>Whether the element is in the set or map: by its key, whatever the rest of it says.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public bool HasElement(string table, string set, NftElement element)
    {
        NetlinkBatch batch = new();
        using (NftTransaction.Message(batch, NFT_MSG.GETSETELEM, NLM_F.ACK, "get nftables element of", set))
        {
            batch.Text(NFTA.SET_ELEM_LIST_TABLE, table);
            batch.Text(NFTA.SET_ELEM_LIST_SET, set);
            using (batch.Nest(NFTA.SET_ELEM_LIST_ELEMENTS))
            using (batch.Nest(NFTA.LIST_ELEM))
            using (batch.Nest(NFTA.SET_ELEM_KEY))
                batch.Raw(NFTA.DATA_VALUE, element.Key);
        }
        _socket.Exchange(batch);
        return Exists(batch.Requests[0]);
    }

    /// <summary>The chains of all tables of all families.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public List<NftChain> ListChains() => _socket.Dump(
        static () =>
        {
            NetlinkBatch batch = new();
            using (batch.Message((NFNL.SUBSYS_NFTABLES << 8) | NFT_MSG.GETCHAIN, NLM_F.DUMP, "list nftables chains"))
                batch.Put(default(nfgenmsg));
            return batch;
        },
        NftChain.Parse);

    /// <summary>The names of a table's sets and maps, without those that belong to a rule.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public List<string> ListSets(string table) => _socket.Dump(
        () =>
        {
            NetlinkBatch batch = new();
            using (NftTransaction.Message(batch, NFT_MSG.GETSET, NLM_F.DUMP, "list nftables sets of", table))
                batch.Text(NFTA.SET_TABLE, table);
            return batch;
        },
        ParseSetName);

    /// <summary>The comment of a chain; empty where it has none; null when there is no such chain.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public string? TryGetChainComment(string table, string chain)
    {
        NetlinkBatch batch = new();
        using (NftTransaction.Message(batch, NFT_MSG.GETCHAIN, NLM_F.ACK, "get nftables chain", chain))
        {
            batch.Text(NFTA.CHAIN_TABLE, table);
            batch.Text(NFTA.CHAIN_NAME, chain);
        }
        try
        {
            return _socket.Get(batch, NftChain.Parse)?.Comment ?? "";
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

    private static bool Exists(NetlinkRequest request)
    {
        if (request.Error == Errno.ENOENT)
            return false;
        request.ThrowIfFailed();
        return true;
    }

    private static string? ParseSetName(in NetlinkMessage message)
    {
        message.Header<nfgenmsg>(out NetlinkAttributes attributes);
        bool isAnonymous = attributes.TryFind(NFTA.SET_FLAGS, out NetlinkAttribute flags) && (flags.UInt32Network & NFT.SET_ANONYMOUS) != 0;
        return !isAnonymous && attributes.TryFind(NFTA.SET_NAME, out NetlinkAttribute name) ? name.Text : null;
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
            byte[]? end = null;
            string comment = "";
            foreach (NetlinkAttribute attribute in item.Nested)
            {
                if (attribute.Type == NFTA.SET_ELEM_KEY && attribute.Nested.TryFind(NFTA.DATA_VALUE, out NetlinkAttribute value))
                    key = value.Value.ToArray();
                else if (attribute.Type == NFTA.SET_ELEM_KEY_END && attribute.Nested.TryFind(NFTA.DATA_VALUE, out value))
                    end = value.Value.ToArray();
                else if (attribute.Type == NFTA.SET_ELEM_DATA && attribute.Nested.TryFind(NFTA.DATA_VALUE, out value))
                    data = value.Value.ToArray();
                else if (attribute.Type == NFTA.SET_ELEM_USERDATA)
                    comment = NftTransaction.ReadComment(attribute.Value);
            }
            elements.Add(new NftElement(key, data, comment) { KeyEnd = end });
        }
        return elements;
    }
}
