using Rundlet.Linux;

namespace Rundlet.Engine.Options;

/// <summary>Flags whose values are <c>KEY=VALUE</c>: labels, annotations, sysctls.</summary>
public static class KeyValueOption
{
    /// <summary>Reads values; a later one of a key takes the earlier one's place.</summary>
    /// <param name="values">What was written.</param>
    /// <param name="what">What one is called.</param>
    /// <param name="valueNeeded">Whether a key alone is wrong; else its value is empty.</param>
    /// <exception cref="ContainerException">InvalidArgument.</exception>
    public static Dictionary<string, string> Parse(IEnumerable<string> values, string what, bool valueNeeded = false)
    {
        Dictionary<string, string> parsed = [];
        foreach (string value in values)
        {
            int equals = value.IndexOf('=');
            if (value.Length == 0 || equals == 0)
                throw new ContainerException(ContainerErrorKind.InvalidArgument, $"invalid {what} '{value}': no key");
            if (equals < 0 && valueNeeded)
                throw new ContainerException(ContainerErrorKind.InvalidArgument, $"invalid {what} '{value}': want KEY=VALUE");
            parsed[equals < 0 ? value : value[..equals]] = equals < 0 ? "" : value[(equals + 1)..];
        }
        return parsed;
    }

    /// <summary>The lines of a file of such values; empty lines and those that begin with <c>#</c> are passed over.</summary>
    /// <exception cref="ContainerException">NotFound.</exception>
    public static IEnumerable<string> ReadFile(string path, string what)
    {
        string text = FileIo.TryReadText(path) ?? throw new ContainerException(ContainerErrorKind.NotFound, $"{what} file '{path}': no such file");
        return text.Split('\n').Select(line => line.TrimEnd('\r').TrimStart()).Where(line => line.Length > 0 && line[0] != '#');
    }
}
