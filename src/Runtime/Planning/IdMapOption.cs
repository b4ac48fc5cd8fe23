using System.Globalization;
using Rundlet.Linux;
using Rundlet.Oci;

namespace Rundlet.Runtime.Planning;

/// <summary>
/// The value of crun's mount option <c>idmap=uids=0-1000-10#10-5000-10;gids=@0-0-100</c>, crun(1) "idmap mount options": ranges of first id in the
/// file system, first id that it is shown as, and length. After an <c>@</c> the second is an id of the container's user namespace.
/// </summary>
internal static class IdMapOption
{
    /// <summary>Reads it.</summary>
    /// <param name="value">What stands behind <c>idmap=</c>.</param>
    /// <param name="linux">The container's own mappings: what is relative is so to them, and a kind that is not named is theirs.</param>
    /// <returns>The mappings; null for a kind that neither has.</returns>
    /// <exception cref="ContainerException">It is no such value.</exception>
    public static (List<IdMapping>? Uids, List<IdMapping>? Gids) Parse(string value, LinuxSpec linux)
    {
        List<IdMapping>? uids = linux.UidMappings;
        List<IdMapping>? gids = linux.GidMappings;
        foreach (string part in value.Split(';'))
        {
            if (part.StartsWith("uids=", StringComparison.Ordinal))
                uids = Ranges(part[5..], linux.UidMappings, "linux.uidMappings");
            else if (part.StartsWith("gids=", StringComparison.Ordinal))
                gids = Ranges(part[5..], linux.GidMappings, "linux.gidMappings");
            else
                throw Invalid($"'{part}' is neither uids=… nor gids=…");
        }
        return (uids, gids);
    }

    private static List<IdMapping> Ranges(string text, List<IdMapping>? container, string member)
    {
        List<IdMapping> ranges = [];
        foreach (string range in text.Split('#'))
        {
            bool relative = range.StartsWith('@');
            string[] numbers = (relative ? range[1..] : range).Split('-');
            if (numbers.Length != 3 || !TryParse(numbers[0], out uint first) || !TryParse(numbers[1], out uint shown) || !TryParse(numbers[2], out uint size))
                throw Invalid($"'{range}' is no range as 0-1000-10");
            ulong host = relative ? HostIdOf(shown, size, range, container, member) : shown;
            if (size == 0 || (ulong)first + size > uint.MaxValue || host + size > uint.MaxValue)
                throw Invalid($"'{range}' is an impossible range");
            ranges.Add(new IdMapping { ContainerId = first, HostId = (uint)host, Size = size });
        }
        return ranges;
    }

    // crun maps the first id and leaves the end to the caller; a range that goes beyond would show ids of somebody else.
    private static ulong HostIdOf(uint id, uint size, string range, List<IdMapping>? container, string member)
    {
        foreach (IdMapping mapping in container ?? [])
        {
            if (id >= mapping.ContainerId && (ulong)id + size <= (ulong)mapping.ContainerId + mapping.Size)
                return (ulong)mapping.HostId + (id - mapping.ContainerId);
        }
        throw Invalid($"'{range}' is not within one range of {member}");
    }

    private static bool TryParse(string text, out uint number) => uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);

    private static ContainerException Invalid(string what) => new(ContainerErrorKind.InvalidArgument, $"option 'idmap': {what}");
}
