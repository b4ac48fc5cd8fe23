using System.Text;
using Rundlet.Linux;

namespace Rundlet.Engine.Options;

/// <summary>The <c>tag</c> of a log: text with docker's members of a container in double braces.</summary>
internal static class LogTag
{
    private static readonly (string Name, Func<LogSubject, string> Value)[] s_members =
    [
        (".ID", subject => subject.ShortId),
        (".FullID", subject => subject.Id),
        (".Name", subject => subject.Name),
        (".ImageID", subject => ShortImage(subject.ImageId)),
        (".ImageFullID", subject => subject.ImageId),
        (".ImageName", subject => subject.Image),
        (".DaemonName", _ => "rundlet"),
    ];

    /// <summary>Refuses what cannot be expanded.</summary>
    /// <exception cref="ContainerException">InvalidArgument.</exception>
    public static void Validate(string? tag)
    {
        if (tag is not null)
            Walk(tag, static (_, _) => { });
    }

    /// <summary>The text for a container.</summary>
    public static string Expand(string tag, LogSubject subject)
    {
        StringBuilder text = new();
        Walk(tag, (plain, member) => text.Append(member is null ? plain : s_members.First(known => known.Name == member).Value(subject)));
        return text.ToString();
    }

    private static void Walk(string tag, Action<string, string?> visit)
    {
        while (tag.Length > 0)
        {
            int open = tag.IndexOf("{{", StringComparison.Ordinal);
            visit(open < 0 ? tag : tag[..open], null);
            if (open < 0)
                return;
            int close = tag.IndexOf("}}", open, StringComparison.Ordinal);
            string member = close < 0 ? "" : tag[(open + 2)..close].Trim();
            if (!s_members.Any(known => known.Name == member))
                throw new ContainerException(ContainerErrorKind.InvalidArgument, $"invalid log option 'tag': '{tag[open..]}'") { Hint = $"in double braces may be {string.Join(", ", s_members.Select(known => known.Name))}" };
            visit("", member);
            tag = tag[(close + 2)..];
        }
    }

    private static string ShortImage(string id) => id[(id.IndexOf(':') + 1)..] is { Length: > 12 } hex ? hex[..12] : id;
}
