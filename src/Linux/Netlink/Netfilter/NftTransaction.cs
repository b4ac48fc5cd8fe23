using System.Buffers.Binary;
using System.Text;
using Rundlet.Syscalls;

namespace Rundlet.Linux.Netlink.Netfilter;

/// <summary>
/// Changes to nftables that take effect together or not at all. They are made between a begin and an end message;
/// <see cref="NftSocket.Commit"/> sends them.
/// </summary>
public sealed partial class NftTransaction
{
    private const byte Version = 0;
    private const int MaxCommentLength = 128; // bytes, as nft(8) has it

    private readonly NetlinkBatch _batch;
    private uint _setId;

    /// <summary>Begins a transaction.</summary>
    /// <param name="generation">
    /// What <see cref="NftSocket.Generation"/> said before the rules were looked at: the commit fails with
    /// <c>ERESTART</c> when anybody changed any rule since. 0 commits in any case.
    /// </param>
    public NftTransaction(uint generation = 0)
    {
        _batch = new NetlinkBatch();
        using (_batch.Message(NFNL.MSG_BATCH_BEGIN, 0, "begin nftables transaction"))
        {
            // The subsystem that the batch is for stands in the resource id.
            _batch.Put(new nfgenmsg { version = Version, res_id = BinaryPrimitives.ReverseEndianness(NFNL.SUBSYS_NFTABLES) });
            if (generation != 0)
                _batch.UInt32Network(NFNL.BATCH_GENID, generation);
        }
    }

    /// <summary>Adds a table of family inet.</summary>
    /// <remarks>Fails with <c>EEXIST</c> when it is there.</remarks>
    public void AddTable(string table)
    {
        using (Message(NFT_MSG.NEWTABLE, NLM_F.CREATE | NLM_F.EXCL, "add nftables table", table))
            _batch.Text(NFTA.TABLE_NAME, table);
    }

    /// <summary>Removes a table with all that is in it.</summary>
    public void DeleteTable(string table)
    {
        using (Message(NFT_MSG.DELTABLE, 0, "delete nftables table", table))
            _batch.Text(NFTA.TABLE_NAME, table);
    }

    /// <summary>Removes a chain; its rules must have gone, <see cref="DeleteRules"/>, and those that name it.</summary>
    public void DeleteChain(string table, string chain)
    {
        using (Message(NFT_MSG.DELCHAIN, 0, "delete nftables chain", chain))
        {
            _batch.Text(NFTA.CHAIN_TABLE, table);
            _batch.Text(NFTA.CHAIN_NAME, chain);
        }
    }

    /// <summary>Removes all rules of a chain.</summary>
    public void DeleteRules(string table, string chain)
    {
        using (Message(NFT_MSG.DELRULE, 0, "delete nftables rules of", chain))
        {
            _batch.Text(NFTA.RULE_TABLE, table);
            _batch.Text(NFTA.RULE_CHAIN, chain);
        }
    }

    /// <summary>Adds a chain that others jump to.</summary>
    public void AddChain(string table, string chain)
    {
        using (Message(NFT_MSG.NEWCHAIN, NLM_F.CREATE | NLM_F.EXCL, "add nftables chain", chain))
        {
            _batch.Text(NFTA.CHAIN_TABLE, table);
            _batch.Text(NFTA.CHAIN_NAME, chain);
        }
    }

    /// <summary>Adds a chain at a hook; packets that reach its end go on.</summary>
    /// <param name="table">The table.</param>
    /// <param name="chain">The chain's name.</param>
    /// <param name="type"><c>filter</c>, <c>nat</c> or <c>route</c>.</param>
    /// <param name="hook">One of <see cref="NF_INET"/>.</param>
    /// <param name="priority">Its place among the chains at that hook, lowest first.</param>
    /// <param name="comment">A comment; empty for none.</param>
    public void AddBaseChain(string table, string chain, string type, uint hook, int priority, string comment = "")
    {
        using (Message(NFT_MSG.NEWCHAIN, NLM_F.CREATE | NLM_F.EXCL, "add nftables chain", chain))
        {
            _batch.Text(NFTA.CHAIN_TABLE, table);
            _batch.Text(NFTA.CHAIN_NAME, chain);
            using (_batch.Nest(NFTA.CHAIN_HOOK))
            {
                _batch.UInt32Network(NFTA.HOOK_HOOKNUM, hook);
                _batch.UInt32Network(NFTA.HOOK_PRIORITY, (uint)priority);
            }
            _batch.UInt32Network(NFTA.CHAIN_POLICY, NF.ACCEPT);
            _batch.Text(NFTA.CHAIN_TYPE, type);
            if (comment.Length > 0)
                PutComment(NFTA.CHAIN_USERDATA, comment);
        }
    }

    /// <summary>Adds a rule behind the others of its chain.</summary>
    /// <param name="table">The table.</param>
    /// <param name="chain">The chain.</param>
    /// <param name="comment">What it is for, for whoever lists the rules; at most 128 bytes.</param>
    /// <param name="expressions">Its expressions, in order.</param>
    public void AddRule(string table, string chain, string comment, params ReadOnlySpan<NftExpression> expressions)
    {
        using (Message(NFT_MSG.NEWRULE, NLM_F.CREATE | NLM_F.APPEND, "add nftables rule to", chain))
        {
            _batch.Text(NFTA.RULE_TABLE, table);
            _batch.Text(NFTA.RULE_CHAIN, chain);
            using (_batch.Nest(NFTA.RULE_EXPRESSIONS))
            {
                foreach (NftExpression expression in expressions)
                {
                    using (_batch.Nest(NFTA.LIST_ELEM))
                    {
                        _batch.Text(NFTA.EXPR_NAME, expression.Name);
                        using (_batch.Nest(NFTA.EXPR_DATA))
                            expression.Write(_batch);
                    }
                }
            }
            PutComment(NFTA.RULE_USERDATA, comment);
        }
    }

    /// <summary>Ends the transaction; the last change asks for the answer that tells the outcome.</summary>
    internal NetlinkBatch Finish()
    {
        if (_batch.Requests.Count < 2)
            throw new InvalidOperationException("an nftables transaction without a change");
        _batch.AskForAnswer();
        using (_batch.Message(NFNL.MSG_BATCH_END, 0, "end nftables transaction"))
            _batch.Put(new nfgenmsg { version = Version, res_id = BinaryPrimitives.ReverseEndianness(NFNL.SUBSYS_NFTABLES) });
        return _batch;
    }

    /// <summary>Begins a message to nftables.</summary>
    internal static NetlinkBatch.Scope Message(NetlinkBatch batch, ushort message, ushort flags, string operation, string subject)
    {
        NetlinkBatch.Scope scope = batch.Message((ushort)((NFNL.SUBSYS_NFTABLES << 8) | message), flags, operation, subject);
        batch.Put(new nfgenmsg { nfgen_family = NFPROTO.INET, version = Version });
        return scope;
    }

    private NetlinkBatch.Scope Message(ushort message, ushort flags, string operation, string subject) =>
        Message(_batch, message, flags, operation, subject);

    // User data is a list of (type, length, value), a byte each for the first two; type 0 is a comment with a NUL.
    private void PutComment(ushort attribute, string comment)
    {
        int length = Encoding.UTF8.GetByteCount(comment);
        if (length > MaxCommentLength || comment.Contains('\0'))
            throw new ArgumentException("a comment holds at most 128 bytes and no NUL", nameof(comment));
        byte[] data = new byte[length + 3];
        data[1] = (byte)(length + 1);
        Encoding.UTF8.GetBytes(comment, data.AsSpan(2));
        _batch.Raw(attribute, data);
    }

    /// <summary>The comment in user data; empty where there is none.</summary>
    internal static string ReadComment(ReadOnlySpan<byte> data)
    {
        while (data.Length >= 2 && data[1] <= data.Length - 2)
        {
            ReadOnlySpan<byte> value = data.Slice(2, data[1]);
            if (data[0] == 0)
                return Encoding.UTF8.GetString(value.TrimEnd((byte)0));
            data = data[(2 + data[1])..];
        }
        return "";
    }
}
