using System.Diagnostics;
using System.Text;

namespace Rundlet.Torture;

/// <summary>Counts and complaints of a campaign.</summary>
internal sealed class Report(string what, int seed)
{
    private const int MaxShown = 40;
    private static readonly bool s_notes = Environment.GetEnvironmentVariable("TORTURE_NOTES") == "1";
    private readonly Dictionary<string, int> _counts = [];
    private readonly long _began = Stopwatch.GetTimestamp();
    private int _complaints;

    /// <summary>Whether so much was found that the rest is not shown.</summary>
    public bool IsFull => _complaints >= MaxShown;

    /// <summary>Counts something.</summary>
    public void Count(string kind) => _counts[kind] = _counts.GetValueOrDefault(kind) + 1;

    /// <summary>Tells how something ended and how long it took, where somebody asked for it.</summary>
    public void Note(string where, string text, long began)
    {
        if (s_notes)
            Console.WriteLine($"{where} ({Stopwatch.GetElapsedTime(began).TotalMilliseconds:f0} ms): {text.Split('\n')[0]}");
    }

    /// <summary>Tells what must not be. The document, where there is one, is told too: it is the reproduction.</summary>
    public void Complain(string where, string complaint, byte[]? document = null)
    {
        if (++_complaints > MaxShown)
            return;
        Console.WriteLine($"FOUND {where}: {complaint}");
        if (document is { Length: < 20_000 })
            Console.WriteLine($"      {Encoding.UTF8.GetString(document)}");
    }

    /// <summary>Says how it goes.</summary>
    public void Progress(int done, int of)
    {
        if (done > 0 && done % Math.Max(1, of / 10) == 0)
            Console.WriteLine($"{what}: {done} of {of}, {_complaints} found, {Stopwatch.GetElapsedTime(_began).TotalSeconds:f0} s");
    }

    /// <summary>The last line.</summary>
    /// <returns>The exit status.</returns>
    public int End()
    {
        string counts = string.Join(", ", _counts.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => $"{pair.Value} {pair.Key}"));
        Console.WriteLine($"{what}: {counts}; {_complaints} found (seed {seed}, {Stopwatch.GetElapsedTime(_began).TotalSeconds:f0} s)");
        return _complaints == 0 ? 0 : 1;
    }
}
