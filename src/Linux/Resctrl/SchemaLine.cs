using System.Globalization;

namespace Rundlet.Linux.Resctrl;

/// <summary>One line of a <c>schemata</c> file: <c>L3:0=f;1=f0</c>.</summary>
/// <param name="resource">What it is about: <c>L3</c>, <c>L3CODE</c>, <c>L2</c>, <c>MB</c>.</param>
public sealed class SchemaLine(string resource)
{
    /// <summary>What it is about.</summary>
    public string Resource { get; } = resource;

    /// <summary>The numbers of caches, as they are written.</summary>
    public List<string> Domains { get; } = [];

    /// <summary>The value of each: a mask as a hexadecimal number, bandwidth as a decimal one.</summary>
    public List<string> Values { get; } = [];

    /// <summary>Reads a line; spaces around its parts do not count.</summary>
    /// <returns>Null for what is no such line.</returns>
    public static SchemaLine? TryParse(string text)
    {
        int colon = text.IndexOf(':');
        if (colon < 0 || text.AsSpan(0, colon).Trim().IsEmpty)
            return null;
        SchemaLine line = new(text[..colon].Trim());
        foreach (string part in text[(colon + 1)..].Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            int equals = part.IndexOf('=');
            if (equals <= 0 || equals == part.Length - 1)
                return null;
            line.Set(part[..equals].TrimEnd(), part[(equals + 1)..].TrimStart());
        }
        return line.Domains.Count > 0 ? line : null;
    }

    /// <summary>The lines of a file; what is no such line is left out.</summary>
    public static List<SchemaLine> ParseAll(string text)
    {
        List<SchemaLine> lines = [];
        foreach (string one in text.Split('\n'))
        {
            if (TryParse(one) is { } line)
                lines.Add(line);
        }
        return lines;
    }

    /// <summary>Puts the values of a line over those of others, as if it were written after them.</summary>
    public static void Merge(List<SchemaLine> lines, SchemaLine later)
    {
        SchemaLine? known = lines.Find(line => line.Resource == later.Resource);
        if (known is null)
            lines.Add(known = new SchemaLine(later.Resource));
        for (int i = 0; i < later.Domains.Count; i++)
            known.Set(later.Domains[i], later.Values[i]);
    }

    /// <summary>Says what a group has otherwise than these lines ask for; null where all of it is as they ask. What they do not name is free.</summary>
    /// <param name="wanted">The lines.</param>
    /// <param name="present">The group's.</param>
    /// <param name="step">The step of a resource; see <see cref="ResctrlFileSystem.StepOf"/>.</param>
    public static string? Difference(List<SchemaLine> wanted, List<SchemaLine> present, Func<string, ulong> step)
    {
        foreach (SchemaLine line in wanted)
        {
            SchemaLine? there = present.Find(other => other.Resource == line.Resource);
            for (int i = 0; i < line.Domains.Count; i++)
            {
                int at = there?.IndexOf(line.Domains[i]) ?? -1;
                if (at < 0 || !IsSame(line.Resource, line.Values[i], there!.Values[at], step))
                    return $"{line.Resource}:{line.Domains[i]}={(at < 0 ? "nothing" : there!.Values[at])} in place of {line.Values[i]}";
            }
        }
        return null;
    }

    private void Set(string domain, string value)
    {
        int at = IndexOf(domain);
        if (at >= 0)
        {
            Values[at] = value;
            return;
        }
        Domains.Add(domain);
        Values.Add(value);
    }

    private int IndexOf(string domain) => Domains.FindIndex(known => IsSameNumber(known, domain, NumberStyles.None));

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
