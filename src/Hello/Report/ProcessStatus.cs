using System.Globalization;

namespace Rundlet.Hello.Report;

/// <summary>The fields of /proc/self/status by name (proc_pid_status(5)); empty where /proc is not mounted.</summary>
internal sealed class ProcessStatus
{
    private readonly Dictionary<string, string> _fields = [];

    public static ProcessStatus Read(SystemFiles files) => Parse(files.ReadLines("/proc/self/status"));

    public static ProcessStatus Parse(IEnumerable<string> lines)
    {
        var status = new ProcessStatus();
        foreach (string line in lines)
        {
            int colon = line.IndexOf(':');
            if (colon > 0)
                status._fields[line[..colon]] = line[(colon + 1)..].Trim();
        }
        return status;
    }

    public string? Find(string name) => _fields.GetValueOrDefault(name);

    /// <summary>The words of a field that has several, such as the four ids of "Uid".</summary>
    public string[] Words(string name) => Find(name)?.Split((char[])['\t', ' '], StringSplitOptions.RemoveEmptyEntries) ?? [];

    /// <summary>A field that is a hexadecimal mask, such as "CapEff".</summary>
    public ulong? Mask(string name) =>
        ulong.TryParse(Find(name), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong mask) ? mask : null;
}
