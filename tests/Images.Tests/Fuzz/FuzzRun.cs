using System.Diagnostics;
using System.Globalization;
using Rundlet.Linux;

namespace Rundlet.Images.Tests.Fuzz;

/// <summary>
/// Hostile input, made from numbers: a few cases with a fixed seed in a test run, more by <c>./dev fuzz NAME COUNT SEED</c>, which sets
/// <c>RUNDLET_FUZZ_COUNT</c> and <c>RUNDLET_FUZZ_SEED</c>. Each case has a seed of its own; one that fails is shown with it, and made
/// smaller as long as it fails in the same way: what is left belongs into a table of cases.
/// </summary>
internal static class FuzzRun
{
    private const int FixedSeed = 20240611, MaxTries = 4000, MaxShown = 1500;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10), s_hang = TimeSpan.FromMinutes(2);

    /// <summary>Makes inputs and judges each.</summary>
    /// <param name="usual">How many in a test run.</param>
    /// <param name="make">An input; the same for the same numbers.</param>
    /// <param name="judge">True where the input was taken, false where it was refused as it should be; anything else throws.</param>
    /// <returns>How many were taken, of how many.</returns>
    public static (int Taken, int Of) Run(int usual, Func<Random, byte[]> make, Func<byte[], bool> judge)
    {
        int count = Setting("RUNDLET_FUZZ_COUNT", usual);
        int first = Setting("RUNDLET_FUZZ_SEED", FixedSeed);
        int taken = 0;
        for (int i = 0; i < count; i++)
        {
            int seed = unchecked(first + i);
            byte[] input = make(new Random(seed));
            if (Complaint(judge, input, out bool wasTaken) is { } complaint)
                Assert.Fail($"seed {seed}: {complaint}\nreduced to: {Show(Reduce(input, judge, complaint))}");
            taken += wasTaken ? 1 : 0;
        }
        return (taken, count);
    }

    /// <summary>Runs what refuses with one of the house's exceptions.</summary>
    public static bool Accepts(Action action)
    {
        try
        {
            action();
            return true;
        }
        catch (ContainerException error) when (error.Kind != ContainerErrorKind.Internal)
        {
            Assert.DoesNotContain(error.Message, char.IsControl);
            return false;
        }
        catch (Oci.SpecFormatException error)
        {
            Assert.DoesNotContain(error.Message, char.IsControl);
            return false;
        }
    }

    private static string? Complaint(Func<byte[], bool> judge, byte[] input, out bool taken)
    {
        taken = false;
        // Nothing can end a loop in this process but its end.
        using var hang = new Timer(_ => Environment.FailFast($"hangs: {Show(input)}"), null, s_hang, Timeout.InfiniteTimeSpan);
        long began = Stopwatch.GetTimestamp();
        try
        {
            taken = judge(input);
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            return $"{error.GetType().Name}: {error.Message} {error.StackTrace?.Split('\n')[0]}";
        }
        TimeSpan time = Stopwatch.GetElapsedTime(began);
        return time > s_patience ? $"took {time.TotalSeconds:f0} s" : null;
    }

    /// <summary>Takes pieces away, large ones first, as long as the complaint is of the same kind.</summary>
    private static byte[] Reduce(byte[] input, Func<byte[], bool> judge, string complaint)
    {
        string kind = complaint.Split(':')[0];
        int tries = 0;
        for (int piece = Math.Max(1, input.Length / 2); piece > 0; piece /= 2)
        {
            for (int at = 0; at + piece <= input.Length && tries < MaxTries; tries++)
            {
                byte[] less = [.. input[..at], .. input[(at + piece)..]];
                if (Complaint(judge, less, out _)?.Split(':')[0] == kind)
                    input = less;
                else
                    at += piece;
            }
        }
        return input;
    }

    private static string Show(byte[] input)
    {
        string shown = System.Text.Encoding.Latin1.GetString(input);
        return shown.Any(c => c is not '\n' and (< ' ' or > '~')) ? $"{input.Length} bytes, base64 {Cut(Convert.ToBase64String(input))}" : Cut(shown);
    }

    private static string Cut(string text) => text.Length <= MaxShown ? text : text[..MaxShown] + "…";

    private static int Setting(string name, int otherwise) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;
}
