using Rundlet.Linux;

namespace Rundlet.Images.Users;

/// <summary>
/// Finds users and groups in an image's own <c>/etc/passwd</c> and <c>/etc/group</c>. A string of digits is a number, always: it is never
/// looked up as a name, and never wraps around. Both files are the image's, so they are bounded and taken line by line; a line that
/// makes no sense names nobody.
/// </summary>
public static class ImageUsers
{
    private const int MaxFileBytes = 10 << 20;
    private const uint MaxId = uint.MaxValue - 1;
    private const int MaxGroups = 65536; // NGROUPS_MAX

    /// <summary>Resolves <c>USER</c> or <c>USER:GROUP</c>, each a name or a number; empty means root.</summary>
    /// <remarks>With a group given, the user has no additional ones; a number that the image does not know has group 0.</remarks>
    /// <exception cref="ContainerException">
    /// <see cref="ContainerErrorKind.InvalidArgument"/>: no such user or group, a number out of range, or a file that cannot be one.
    /// </exception>
    public static ResolvedUser Resolve(IRootFiles root, string user)
    {
        int colon = user.IndexOf(':');
        string name = colon < 0 ? user : user[..colon];
        string group = colon < 0 ? "" : user[(colon + 1)..];
        Passwd[] users = ReadUsers(root);
        Passwd? entry;
        uint uid;
        if (name.Length == 0 || IsNumber(name))
        {
            uid = name.Length == 0 ? 0 : ParseId(name, "user");
            entry = Array.Find(users, candidate => candidate.Uid == uid);
        }
        else
        {
            entry = Array.Find(users, candidate => candidate.Name == name) ?? throw Unknown("user", name, users.Select(candidate => candidate.Name), "/etc/passwd");
            uid = entry.Uid;
        }
        string home = entry?.Home ?? "/";
        if (group.Length > 0)
            return new ResolvedUser(uid, ResolveGroup(root, group), [], home, entry?.Name);
        uint gid = entry?.Gid ?? 0;
        return new ResolvedUser(uid, gid, entry is null ? [] : GroupsOf(root, entry.Name, gid), home, entry?.Name);
    }

    /// <summary>Resolves a group's name or number alone, as for <c>--group-add</c>.</summary>
    /// <inheritdoc cref="Resolve" path="/exception"/>
    public static uint ResolveGroup(IRootFiles root, string group)
    {
        if (IsNumber(group))
            return ParseId(group, "group");
        Group[] groups = ReadGroups(root);
        return Array.Find(groups, candidate => candidate.Name == group)?.Gid
            ?? throw Unknown("group", group, groups.Select(candidate => candidate.Name), "/etc/group");
    }

    private static List<uint> GroupsOf(IRootFiles root, string user, uint primary)
    {
        List<uint> gids = [];
        var seen = new HashSet<uint> { primary };
        foreach (Group group in ReadGroups(root))
        {
            if (!group.Members.Contains(user) || !seen.Add(group.Gid))
                continue;
            if (gids.Count == MaxGroups)
                throw new ContainerException(ContainerErrorKind.InvalidArgument, $"user '{Show(user)}' is in more than {MaxGroups} groups of the image");
            gids.Add(group.Gid);
        }
        return gids;
    }

    private sealed record Passwd(string Name, uint Uid, uint Gid, string Home);

    private sealed record Group(string Name, uint Gid, string[] Members);

    private static Passwd[] ReadUsers(IRootFiles root) =>
        [.. Lines(root, "/etc/passwd", 7).Where(f => TryId(f[2], out _) && TryId(f[3], out _)).Select(f => new Passwd(f[0], uint.Parse(f[2]), uint.Parse(f[3]), HomeOf(f[5])))];

    private static Group[] ReadGroups(IRootFiles root) =>
        [.. Lines(root, "/etc/group", 4).Where(f => TryId(f[2], out _)).Select(f => new Group(f[0], uint.Parse(f[2]), f[3].Split(',', StringSplitOptions.RemoveEmptyEntries)))];

    /// <summary>Fields of each line that has as many as it must. A name that is not UTF-8 can only be asked for by its number.</summary>
    private static IEnumerable<string[]> Lines(IRootFiles root, string path, int fields)
    {
        byte[]? bytes = root.TryReadFile(path, MaxFileBytes);
        if (bytes is null)
            yield break;
        foreach (string line in System.Text.Encoding.UTF8.GetString(bytes).Split('\n'))
        {
            string[] parts = line.TrimEnd('\r').Split(':');
            if (parts.Length == fields && parts[0].Length > 0 && parts[0][0] is not ('#' or '+' or '-'))
                yield return parts;
        }
    }

    /// <summary>It ends up in the environment: absolute, and nothing that could be more than a path.</summary>
    private static string HomeOf(string home) => home.StartsWith('/') && !home.Any(c => char.IsControl(c) || c == '\ufffd') ? home : "/";

    private static bool IsNumber(string text) => text.Length > 0 && !text.AsSpan().ContainsAnyExceptInRange('0', '9');

    private static bool TryId(string text, out uint id) =>
        uint.TryParse(text, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out id) && id <= MaxId;

    private static uint ParseId(string text, string what) =>
        TryId(text, out uint id) ? id : throw new ContainerException(ContainerErrorKind.InvalidArgument, $"{what} id '{Show(text)}' is out of range 0 to {MaxId}");

    private static ContainerException Unknown(string what, string name, IEnumerable<string> known, string file)
    {
        string[] near = [.. known.Distinct().Where(candidate => IsNear(name, candidate)).Take(3).Select(Show)];
        return new ContainerException(ContainerErrorKind.InvalidArgument, $"no {what} '{Show(name)}' in the image's {file}")
        {
            Hint = near.Length > 0 ? $"did you mean '{string.Join("', '", near)}'" : null,
        };
    }

    /// <summary>At most two letters added, dropped or changed (Levenshtein), or only the case differs.</summary>
    private static bool IsNear(string name, string candidate)
    {
        if (Math.Abs(name.Length - candidate.Length) > 2 || name.Length > 64)
            return false;
        if (string.Equals(name, candidate, StringComparison.OrdinalIgnoreCase))
            return true;
        Span<int> row = stackalloc int[candidate.Length + 1];
        for (int j = 0; j < row.Length; j++)
            row[j] = j;
        for (int i = 1; i <= name.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j < row.Length; j++)
            {
                int changed = diagonal + (name[i - 1] == candidate[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(changed, Math.Min(row[j], row[j - 1]) + 1);
            }
        }
        return row[^1] <= Math.Min(2, name.Length / 2);
    }

    private static string Show(string text) => ByteText.Show(System.Text.Encoding.UTF8.GetBytes(text));
}
