using Rundlet.Syscalls;

namespace Rundlet.Linux.Netlink.Netfilter;

public sealed partial class NftTransaction
{
    // An attribute holds at most 64 KiB; an element of ours takes less than 300 bytes.
    private const int ElementsPerMessage = 128;

    // What nft(8) keeps in a set's user data, without which it prints names backwards.
    private const byte KeyByteOrder = 0;
    private const byte DataByteOrder = 1;

    /// <summary>Adds a set, or a map when <paramref name="data"/> is given.</summary>
    /// <param name="table">The table.</param>
    /// <param name="set">The set's name.</param>
    /// <param name="key">What its keys are made of.</param>
    /// <param name="data">What its values are made of; null for a set.</param>
    /// <param name="intervals">
    /// The parts of the key, when each element stands for an interval of each of them (kernel 5.6); empty for single keys.
    /// </param>
    public void AddSet(string table, string set, NftType key, NftType? data = null, params ReadOnlySpan<NftType> intervals)
    {
        using (Message(NFT_MSG.NEWSET, NLM_F.CREATE | NLM_F.EXCL, "add nftables set", set))
        {
            _batch.Text(NFTA.SET_TABLE, table);
            _batch.Text(NFTA.SET_NAME, set);
            _batch.UInt32Network(NFTA.SET_FLAGS, (data is null ? 0 : NFT.SET_MAP) | (intervals.IsEmpty ? 0 : NFT.SET_INTERVAL | NFT.SET_CONCAT));
            _batch.UInt32Network(NFTA.SET_KEY_TYPE, key.Id);
            _batch.UInt32Network(NFTA.SET_KEY_LEN, key.Length);
            if (data is { } value)
            {
                _batch.UInt32Network(NFTA.SET_DATA_TYPE, value.Id);
                _batch.UInt32Network(NFTA.SET_DATA_LEN, value.Length);
            }
            _batch.UInt32Network(NFTA.SET_ID, ++_setId); // the kernel wants one, unique in the transaction
            if (!intervals.IsEmpty)
                PutParts(intervals);
            _batch.Raw(NFTA.SET_USERDATA, [KeyByteOrder, sizeof(uint), .. BitConverter.GetBytes(key.ByteOrder),
                DataByteOrder, sizeof(uint), .. BitConverter.GetBytes(data?.ByteOrder ?? 0)]);
        }
    }

    /// <summary>Removes a set or map, which no rule may name any more.</summary>
    public void DeleteSet(string table, string set)
    {
        using (Message(NFT_MSG.DELSET, 0, "delete nftables set", set))
        {
            _batch.Text(NFTA.SET_TABLE, table);
            _batch.Text(NFTA.SET_NAME, set);
        }
    }

    /// <summary>Adds elements to a set or map.</summary>
    /// <param name="table">The table.</param>
    /// <param name="set">The set's name.</param>
    /// <param name="elements">The elements.</param>
    /// <param name="exclusive">Whether the commit fails with <c>EEXIST</c> when an element is there already.</param>
    public void AddElements(string table, string set, IReadOnlyList<NftElement> elements, bool exclusive) =>
        PutElements(NFT_MSG.NEWSETELEM, (ushort)(NLM_F.CREATE | (exclusive ? NLM_F.EXCL : 0)), "add nftables element to", table, set, elements);

    /// <summary>Removes elements by their keys. The commit fails with <c>ENOENT</c> when one is not there.</summary>
    public void DeleteElements(string table, string set, IReadOnlyList<NftElement> elements) =>
        PutElements(NFT_MSG.DELSETELEM, 0, "delete nftables element from", table, set, elements);

    private void PutElements(ushort message, ushort flags, string operation, string table, string set, IReadOnlyList<NftElement> elements)
    {
        for (int from = 0; from < elements.Count; from += ElementsPerMessage)
        {
            using (Message(message, flags, operation, set))
            {
                _batch.Text(NFTA.SET_ELEM_LIST_TABLE, table);
                _batch.Text(NFTA.SET_ELEM_LIST_SET, set);
                using (_batch.Nest(NFTA.SET_ELEM_LIST_ELEMENTS))
                {
                    for (int i = from; i < Math.Min(elements.Count, from + ElementsPerMessage); i++)
                        PutElement(elements[i], keyOnly: message == NFT_MSG.DELSETELEM);
                }
            }
        }
    }

    private void PutParts(ReadOnlySpan<NftType> parts)
    {
        using (_batch.Nest(NFTA.SET_DESC))
        using (_batch.Nest(NFTA.SET_DESC_CONCAT))
        {
            foreach (NftType part in parts)
            {
                using (_batch.Nest(NFTA.LIST_ELEM))
                    _batch.UInt32Network(NFTA.SET_FIELD_LEN, part.Length);
            }
        }
    }

    private void PutElement(NftElement element, bool keyOnly)
    {
        using (_batch.Nest(NFTA.LIST_ELEM))
        {
            using (_batch.Nest(NFTA.SET_ELEM_KEY))
                _batch.Raw(NFTA.DATA_VALUE, element.Key);
            if (element.KeyEnd is { } end)
            {
                using (_batch.Nest(NFTA.SET_ELEM_KEY_END))
                    _batch.Raw(NFTA.DATA_VALUE, end);
            }
            if (keyOnly)
                return;
            if (element.Data.Length > 0)
            {
                using (_batch.Nest(NFTA.SET_ELEM_DATA))
                    _batch.Raw(NFTA.DATA_VALUE, element.Data);
            }
            if (element.Comment.Length > 0)
                PutComment(NFTA.SET_ELEM_USERDATA, element.Comment);
        }
    }
}
