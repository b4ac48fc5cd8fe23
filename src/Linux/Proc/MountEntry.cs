namespace Rundlet.Linux.Proc;

/// <summary>One mount as /proc/PID/mountinfo tells it, proc_pid_mountinfo(5).</summary>
/// <param name="Id">Unique while it is mounted.</param>
/// <param name="ParentId">The mount it is on.</param>
/// <param name="Major">Major number of the file system's device.</param>
/// <param name="Minor">Minor number of the file system's device.</param>
/// <param name="Root">What of the file system is mounted.</param>
/// <param name="Point">Where, as seen from the process' root.</param>
/// <param name="Options">Options of the mount, as <c>rw,noatime</c>.</param>
/// <param name="Propagation">Optional fields, as <c>shared:1 master:2</c>; empty for a private mount.</param>
/// <param name="Type">Type of the file system.</param>
/// <param name="Source">What was named as its source.</param>
/// <param name="SuperOptions">Options of the file system.</param>
public readonly record struct MountEntry(
    int Id,
    int ParentId,
    uint Major,
    uint Minor,
    string Root,
    string Point,
    string Options,
    string Propagation,
    string Type,
    string Source,
    string SuperOptions);
