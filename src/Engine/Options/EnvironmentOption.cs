using Rundlet.Linux;

namespace Rundlet.Engine.Options;

/// <summary>Variables from <c>-e</c> and from files.</summary>
public static class EnvironmentOption
{
    /// <summary>Reads a value of <c>-e</c>: <c>NAME=value</c>, or <c>NAME</c> for the caller's own value; null where the caller has none.</summary>
    /// <exception cref="ContainerException">InvalidArgument: there is no name.</exception>
    public static string? Parse(string text)
    {
        int equals = text.IndexOf('=');
        if (equals == 0 || text.Length == 0)
            throw new ContainerException(ContainerErrorKind.InvalidArgument, $"invalid environment variable '{text}': no name");
        if (equals > 0)
            return text;
        return Environment.GetEnvironmentVariable(text) is { } value ? $"{text}={value}" : null;
    }

    /// <summary>Reads a file of such lines; empty lines and those that begin with <c>#</c> are passed over.</summary>
    /// <exception cref="ContainerException">NotFound, or InvalidArgument with the line.</exception>
    public static List<string> ReadFile(string path)
    {
        string text = FileIo.TryReadText(path) ?? throw new ContainerException(ContainerErrorKind.NotFound, $"environment file '{path}': no such file");
        List<string> variables = [];
        int number = 0;
        foreach (string raw in text.Split('\n'))
        {
            number++;
            string line = raw.TrimEnd('\r').TrimStart();
            if (line.Length == 0 || line[0] == '#')
                continue;
            int equals = line.IndexOf('=');
            if ((equals < 0 ? line : line[..equals]).AsSpan().ContainsAny(' ', '\t'))
                throw new ContainerException(ContainerErrorKind.InvalidArgument, $"environment file '{path}': line {number}: a name must not have spaces");
            if (Parse(line) is { } variable)
                variables.Add(variable);
        }
        return variables;
    }

    /// <summary>Puts lists of variables together: a later value of a name takes the earlier one's place.</summary>
    public static List<string> Merge(params ReadOnlySpan<IEnumerable<string>> lists)
    {
        List<string> merged = [];
        foreach (IEnumerable<string> list in lists)
        {
            foreach (string variable in list)
            {
                int length = variable.IndexOf('=') + 1;
                int known = merged.FindIndex(other => length > 0 && string.CompareOrdinal(other, 0, variable, 0, length) == 0);
                if (known < 0)
                    merged.Add(variable);
                else
                    merged[known] = variable;
            }
        }
        return merged;
    }
}
