namespace Rundlet.Conformance;

/// <summary>Why a row fails in all peers.</summary>
internal static class Notes
{
    /// <summary>Reads lines of the kind <c>ROW # why</c>.</summary>
    public static Dictionary<string, string> Read(string path) => File.ReadLines(path)
        .Where(line => line.Length > 0 && line[0] != '#')
        .Select(line => line.Split(" # ", 2))
        .ToDictionary(parts => parts[0].Trim(), parts => parts[1].Trim());
}
