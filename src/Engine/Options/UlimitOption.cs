using System.Globalization;
using Rundlet.Linux;
using Rundlet.Oci;

namespace Rundlet.Engine.Options;

/// <summary>A value of <c>--ulimit</c>.</summary>
/// <param name="Name">Lower case, as in <c>nofile</c>.</param>
/// <param name="Soft">The limit; -1 for none. Units are those of setrlimit(2).</param>
/// <param name="Hard">Up to where the program may raise it; -1 for without end.</param>
public sealed record UlimitOption(string Name, long Soft, long Hard)
{
    private static readonly string[] s_names =
        ["core", "cpu", "data", "fsize", "locks", "memlock", "msgqueue", "nice", "nofile", "nproc", "rss", "rtprio", "rttime", "sigpending", "stack", "as"];

    /// <summary>Reads <c>NAME=SOFT[:HARD]</c>.</summary>
    /// <exception cref="ContainerException">InvalidArgument.</exception>
    public static UlimitOption Parse(string text)
    {
        int equals = text.IndexOf('=');
        string name = (equals < 0 ? text : text[..equals]).ToLowerInvariant();
        if (!s_names.Contains(name))
        {
            throw new ContainerException(ContainerErrorKind.InvalidArgument, $"invalid ulimit '{text}': there is no '{name}'")
            {
                Hint = Nearest.Of(name, s_names) is { } near ? $"did you mean '{near}'?" : $"there are {string.Join(", ", s_names)}",
            };
        }
        string[] limits = equals < 0 ? [] : text[(equals + 1)..].Split(':');
        if (limits.Length is 0 or > 2 || !TryRead(limits[0], out long soft) || !TryRead(limits[^1], out long hard))
            throw new ContainerException(ContainerErrorKind.InvalidArgument, $"invalid ulimit '{text}'") { Hint = "write NAME=SOFT[:HARD], as in nofile=1024:4096; -1 is no limit" };
        if (hard != -1 && (soft == -1 || soft > hard))
            throw new ContainerException(ContainerErrorKind.InvalidArgument, $"invalid ulimit '{text}': the soft limit is above the hard one");
        return new UlimitOption(name, soft, hard);
    }

    /// <summary>As the specification has it.</summary>
    public Rlimit ToSpec() => new() { Type = "RLIMIT_" + Name.ToUpperInvariant(), Soft = ToKernel(Soft), Hard = ToKernel(Hard) };

    private static ulong ToKernel(long limit) => limit < 0 ? ulong.MaxValue : (ulong)limit;

    private static bool TryRead(string text, out long limit)
    {
        if (text is "unlimited")
            text = "-1";
        return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out limit) && limit >= -1;
    }
}
