namespace Rundlet.Oci;

/// <summary>Offset of one clock of a time namespace, time_namespaces(7) (config-linux.md, Offset for Time Namespace).</summary>
public sealed class TimeOffset
{
    /// <summary>Seconds.</summary>
    public long Secs { get; set; }

    /// <summary>Nanoseconds on top.</summary>
    public uint Nanosecs { get; set; }
}
