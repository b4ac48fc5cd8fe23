using Rundlet.Linux;

namespace Rundlet.Cli.Commands.Volumes;

/// <summary>Flags that say <c>KEY=VALUE</c>.</summary>
internal static class KeyValues
{
    /// <summary>Reads them; the last one of a key counts.</summary>
    /// <param name="values">What the user wrote.</param>
    /// <param name="what">What they are, for errors.</param>
    /// <param name="wantsValue">Whether a key alone is an error.</param>
    /// <exception cref="ContainerException">InvalidArgument.</exception>
    public static Dictionary<string, string> Read(IEnumerable<string> values, string what, bool wantsValue)
    {
        Dictionary<string, string> map = [];
        foreach (string value in values)
        {
            int equals = value.IndexOf('=');
            if (value.Length == 0 || equals == 0 || (wantsValue && equals < 0))
                throw new ContainerException(ContainerErrorKind.InvalidArgument, $"invalid {what} '{value}'") { Hint = wantsValue ? "want KEY=VALUE" : "want KEY or KEY=VALUE" };
            map[equals < 0 ? value : value[..equals]] = equals < 0 ? "" : value[(equals + 1)..];
        }
        return map;
    }
}
