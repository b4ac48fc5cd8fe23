using System.Globalization;
using Rundlet.Images.Users;
using Rundlet.Linux;

namespace Rundlet.Engine.Options;

/// <summary>
/// The ids out of which containers get ranges of their own: the lines of <c>rundlet</c>, else of <c>containers</c>, in /etc/subuid and /etc/subgid,
/// subuid(5); where neither has one, ids from 2^31 on, which systemd and shadow give to nobody.
/// </summary>
internal static class SubordinateIds
{
    private static readonly string[] s_owners = ["rundlet", "containers"];

    /// <summary>Where no line says otherwise.</summary>
    public static IdRange Default { get; } = new(1u << 31, 1u << 30);

    /// <summary>This machine's.</summary>
    /// <exception cref="ContainerException">InvalidArgument: the two files do not fit together.</exception>
    public static IdRange Read() => Of(FileIo.TryReadText("/etc/subuid"), FileIo.TryReadText("/etc/subgid"));

    /// <summary>Those of two files. A container has the same range of users and of groups, so that both must allow it.</summary>
    /// <exception cref="ContainerException">InvalidArgument: they do not.</exception>
    public static IdRange Of(string? users, string? groups)
    {
        foreach (string owner in s_owners)
        {
            IdRange? uids = Find(users, owner), gids = Find(groups, owner);
            if (uids is null && gids is null)
                continue;
            ulong first = Math.Max(uids?.First ?? 0, gids?.First ?? 0);
            ulong end = Math.Min(uids is { } u ? (ulong)u.First + u.Size : 0, gids is { } g ? (ulong)g.First + g.Size : 0);
            return end > first
                ? new IdRange((uint)first, (uint)(end - first))
                : throw new ContainerException(ContainerErrorKind.InvalidArgument, $"the lines of '{owner}' in /etc/subuid and /etc/subgid have no ids in common") { Hint = "give both files the same range" };
        }
        return Default;
    }

    private static IdRange? Find(string? text, string owner)
    {
        foreach (string line in (text ?? "").Split('\n'))
        {
            string[] fields = line.Trim().Split(':');
            if (fields.Length == 3 && fields[0] == owner && TryId(fields[1], out uint first) && TryId(fields[2], out uint count) && first > 0 && count > 0 && (ulong)first + count <= uint.MaxValue)
                return new IdRange(first, count);
        }
        return null;
    }

    private static bool TryId(string text, out uint id) => uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out id);
}
