using System.Globalization;

namespace Rundlet.Linux.Resctrl;

/// <summary>One line of a <c>schemata</c> file: <c>L3:0=f;1=f0</c>.</summary>
/// <param name="Resource">What it is about: <c>L3</c>, <c>L3CODE</c>, <c>L2</c>, <c>MB</c>.</param>
/// <param name="Values">A value for each domain: a mask as a hexadecimal number, bandwidth as a decimal one.</param>
public readonly record struct SchemaLine(string Resource, IReadOnlyList<(string Domain, string Value)> Values)
{
    /// <summary>Reads a line; spaces around its parts do not count.</summary>
    /// <returns>False for what is no such line.</returns>
    public static bool TryParse(string text, out SchemaLine line)
    {
        line = default;
        int colon = text.IndexOf(':');
        if (colon < 0 || text.AsSpan(0, colon).Trim().IsEmpty)
            return false;
        List<(string, string)> values = [];
        foreach (string part in text[(colon + 1)..].Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            int equals = part.IndexOf('=');
            if (equals <= 0 || equals == part.Length - 1)
                return false;
            values.Add((part[..equals].TrimEnd(), part[(equals + 1)..].TrimStart()));
        }
        line = new SchemaLine(text[..colon].Trim(), values);
        return values.Count > 0;
    }

    /// <summary>The lines of a file; what is no such line is left out.</summary>
    public static List<SchemaLine> ParseAll(string text)
    {
        List<SchemaLine> lines = [];
        foreach (string one in text.Split('\n'))
        {
            if (TryParse(one, out SchemaLine line))
                lines.Add(line);
        }
        return lines;
    }

    /// <summary>Says what a group has otherwise than these lines ask for; null where all of it is as they ask. What they do not name is free.</summary>
    /// <param name="wanted">The lines.</param>
    /// <param name="present">The group's.</param>
    /// <param name="step">The step of a resource; see <see cref="ResctrlFileSystem.StepOf"/>.</param>
    public static string? Difference(IReadOnlyList<SchemaLine> wanted, IReadOnlyList<SchemaLine> present, Func<string, ulong> step)
    {
        foreach (SchemaLine line in wanted)
        {
            foreach ((string domain, string value) in line.Values)
            {
                string? found = Find(present, line.Resource, domain);
                if (found is null || !IsSame(line.Resource, value, found, step))
                    return $"{line.Resource}:{domain}={found ?? "nothing"} in place of {value}";
            }
        }
        return null;
    }

    private static string? Find(IReadOnlyList<SchemaLine> lines, string resource, string domain)
    {
        foreach (SchemaLine line in lines)
        {
            foreach ((string one, string value) in line.Resource == resource ? line.Values : [])
            {
                if (IsSameNumber(one, domain, NumberStyles.None))
                    return value;
            }
        }
        return null;
    }

    private static bool IsSame(string resource, string wanted, string found, Func<string, ulong> step)
    {
        if (resource is not ("MB" or "SMBA"))
            return IsSameNumber(TrimPrefix(wanted), found, NumberStyles.AllowHexSpecifier);
        return ulong.TryParse(wanted, NumberStyles.None, CultureInfo.InvariantCulture, out ulong bandwidth)
            && ulong.TryParse(found, NumberStyles.None, CultureInfo.InvariantCulture, out ulong there)
            && there == RoundUp(bandwidth, step(resource));
    }

    private static ulong RoundUp(ulong value, ulong step) => value % step is > 0 and var rest && value <= ulong.MaxValue - step ? value - rest + step : value;

    private static bool IsSameNumber(string one, string other, NumberStyles style) =>
        one == other || (ulong.TryParse(one, style, CultureInfo.InvariantCulture, out ulong left)
            && ulong.TryParse(other, style, CultureInfo.InvariantCulture, out ulong right) && left == right);

    private static string TrimPrefix(string mask) => mask.StartsWith("0x", StringComparison.OrdinalIgnoreCase) ? mask[2..] : mask;
}
