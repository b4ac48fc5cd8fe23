using System.Buffers.Binary;
using Rundlet.Images.Tar;
using Rundlet.Images.Users;

namespace Rundlet.Images.Diffs;

/// <summary>
/// Capabilities of files that were set in a user namespace, capabilities(7), "Namespaced file capabilities": they name the host's id of that
/// namespace's root. In a layer they must be anybody's.
/// </summary>
internal static class FileCapabilities
{
    private const string Attribute = "security.capability";
    private const uint RevisionMask = 0xFF000000, Revision2 = 0x02000000, Revision3 = 0x03000000;
    private const int Length2 = 20, Length3 = 24; // bytes; the longer one ends with the root's id

    /// <summary>The attributes with such capabilities as the container's own root sees them.</summary>
    public static List<TarXattr> ToContainer(List<TarXattr> xattrs, IdRange ids)
    {
        for (int i = 0; i < xattrs.Count; i++)
        {
            if (xattrs[i].Name.AsSpan().SequenceEqual(System.Text.Encoding.ASCII.GetBytes(Attribute)) && TryConvert(xattrs[i].Value, ids) is { } value)
                xattrs[i] = new TarXattr(xattrs[i].Name, value);
        }
        return xattrs;
    }

    private static byte[]? TryConvert(byte[] value, IdRange ids)
    {
        if (value.Length != Length3)
            return null;
        uint magic = BinaryPrimitives.ReadUInt32LittleEndian(value);
        if ((magic & RevisionMask) != Revision3 || ids.ToContainer(BinaryPrimitives.ReadUInt32LittleEndian(value.AsSpan(Length2))) != 0)
            return null;
        byte[] converted = value[..Length2];
        BinaryPrimitives.WriteUInt32LittleEndian(converted, (magic & ~RevisionMask) | Revision2);
        return converted;
    }
}
