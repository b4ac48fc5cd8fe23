using Rundlet.Syscalls;

namespace Rundlet.Linux.Netlink.Netfilter;

/// <summary>A chain of any table.</summary>
/// <param name="Family">The table's family, one of <see cref="NFPROTO"/>.</param>
/// <param name="Table">The table.</param>
/// <param name="Name">The chain's name.</param>
public sealed record NftChain(byte Family, string Table, string Name)
{
    /// <summary>The hook, one of <see cref="NF_INET"/>; null for a chain that others jump to.</summary>
    public uint? Hook { get; init; }

    /// <summary>Whether packets that reach its end are thrown away.</summary>
    public bool DropsByPolicy { get; init; }

    /// <summary>Its comment; empty for none.</summary>
    public string Comment { get; init; } = "";

    /// <summary>Reads a message about a chain; null for another.</summary>
    /// <exception cref="LinuxException"><c>EBADMSG</c>: it is malformed.</exception>
    internal static NftChain? Parse(in NetlinkMessage message)
    {
        if (message.Type != ((NFNL.SUBSYS_NFTABLES << 8) | NFT_MSG.NEWCHAIN))
            return null;
        nfgenmsg header = message.Header<nfgenmsg>(out NetlinkAttributes attributes);
        NftChain chain = new(header.nfgen_family, "", "");
        foreach (NetlinkAttribute attribute in attributes)
        {
            chain = attribute.Type switch
            {
                NFTA.CHAIN_TABLE => chain with { Table = attribute.Text },
                NFTA.CHAIN_NAME => chain with { Name = attribute.Text },
                NFTA.CHAIN_HOOK => chain with { Hook = attribute.Nested.TryFind(NFTA.HOOK_HOOKNUM, out NetlinkAttribute hook) ? hook.UInt32Network : null },
                NFTA.CHAIN_POLICY => chain with { DropsByPolicy = attribute.UInt32Network == NF.DROP },
                NFTA.CHAIN_USERDATA => chain with { Comment = NftTransaction.ReadComment(attribute.Value) },
                _ => chain,
            };
        }
        return chain.Name.Length > 0 ? chain : null;
    }
}
