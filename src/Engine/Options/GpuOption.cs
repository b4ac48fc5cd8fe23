using System.Globalization;
using Rundlet.Linux;

namespace Rundlet.Engine.Options;

/// <summary>
/// Values of <c>--gpus</c>: <c>all</c>, a number, <c>device=0,1</c>, or docker's fields such as <c>driver=nvidia,count=2</c>. GPUs come by the Container
/// Device Interface; which of a driver's capabilities a container gets is its specification file's business.
/// </summary>
public static class GpuOption
{
    private const int MaxCount = 256;

    /// <summary>The devices' names.</summary>
    /// <exception cref="ContainerException">InvalidArgument.</exception>
    public static IReadOnlyList<string> Parse(string text)
    {
        string vendor = "nvidia.com";
        List<string>? devices = null;
        foreach (string field in Fields(text))
        {
            int equals = field.IndexOf('=');
            (string key, string value) = equals < 0 ? ("count", field) : (field[..equals], field[(equals + 1)..]);
            switch (key)
            {
                case "count":
                    devices = Counted(value, text);
                    break;
                case "device":
                    devices = [.. value.Split(',', StringSplitOptions.RemoveEmptyEntries)];
                    break;
                case "driver":
                    vendor = value is "nvidia" or "amd" ? value + ".com" : throw Invalid(text, $"the drivers are nvidia and amd, not '{value}'");
                    break;
                case "capabilities" or "options":
                    break;
                default:
                    throw Invalid(text, $"unknown field '{key}'");
            }
        }
        devices ??= ["all"];
        return devices.Count > 0 ? [.. devices.Select(device => $"{vendor}/gpu={device}")] : throw Invalid(text, "no device");
    }

    // By commas, but those between double quotes; behind device= a list goes on as long as words have no equals sign, as people forget the quotes.
    private static List<string> Fields(string text)
    {
        List<string> fields = [];
        bool isQuoted = false;
        string field = "";
        foreach (char c in text + ",")
        {
            if (c == '"')
                isQuoted = !isQuoted;
            else if (c != ',' || isQuoted)
                field += c;
            else if (fields.Count > 0 && fields[^1].StartsWith("device=", StringComparison.Ordinal) && !field.Contains('=') && field.Length > 0)
                (fields[^1], field) = ($"{fields[^1]},{field}", "");
            else
            {
                fields.Add(field);
                field = "";
            }
        }
        return fields;
    }

    private static List<string> Counted(string value, string text)
    {
        if (value is "all" or "-1")
            return ["all"];
        if (!int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int count) || count is < 1 or > MaxCount)
            throw Invalid(text, $"'{value}' is neither 'all' nor a number from 1 to {MaxCount}");
        return [.. Enumerable.Range(0, count).Select(number => number.ToString(CultureInfo.InvariantCulture))];
    }

    private static ContainerException Invalid(string text, string problem) => new(ContainerErrorKind.InvalidArgument, $"invalid --gpus '{text}': {problem}");
}
