namespace Rundlet.Oci;

/// <summary>I/O priority of a process, ioprio_set(2) (config.md, Linux Process).</summary>
public sealed class IoPriority
{
    /// <summary>Class: <c>IOPRIO_CLASS_RT</c>, <c>IOPRIO_CLASS_BE</c> or <c>IOPRIO_CLASS_IDLE</c>.</summary>
    public required string Class { get; set; }

    /// <summary>Priority in the class, 0 (highest) to 7.</summary>
    public int Priority { get; set; }
}
