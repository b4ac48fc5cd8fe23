using System.Globalization;

namespace Rundlet.Cli.Http;

/// <summary>The <c>Accept</c> field, RFC 9110, section 12.5.1, as far as a choice of two takes it.</summary>
internal static class AcceptField
{
    private const string OpenMetrics = "application/openmetrics-text";

    /// <summary>Whether OpenMetrics 1.0 is asked for by name, and nothing that is plain text more.</summary>
    public static bool WantsOpenMetrics(string accept)
    {
        double open = 0, plain = 0;
        foreach (string range in accept.Split(','))
        {
            string[] parts = range.Split(';', StringSplitOptions.TrimEntries);
            double quality = QualityOf(parts);
            string version = ParameterOf(parts, "version") ?? "1.0.0";
            if (parts[0].Equals(OpenMetrics, StringComparison.OrdinalIgnoreCase) && version == "1.0.0")
                open = Math.Max(open, quality);
            else if (parts[0].Equals("text/plain", StringComparison.OrdinalIgnoreCase))
                plain = Math.Max(plain, quality);
        }
        return open > 0 && open >= plain;
    }

    private static double QualityOf(string[] parts) => ParameterOf(parts, "q") is not { } text ? 1
        : double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double quality) && quality is >= 0 and <= 1 ? quality
        : 0;

    private static string? ParameterOf(string[] parts, string name) =>
        Array.Find(parts, part => part.StartsWith(name + "=", StringComparison.OrdinalIgnoreCase))?[(name.Length + 1)..].Trim('"');
}
