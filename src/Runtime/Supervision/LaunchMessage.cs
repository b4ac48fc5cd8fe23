using Rundlet.Oci;

namespace Rundlet.Runtime.Supervision;

/// <summary>The kinds of <see cref="LaunchMessage"/>, in the order in which they are sent.</summary>
public enum LaunchStep
{
    /// <summary>Engine: the network namespace is there; its fd comes along, or none to follow the spec.</summary>
    Network,

    /// <summary>Supervisor: the container waits for its start; clients may attach.</summary>
    Created,

    /// <summary>Engine: start it.</summary>
    Start,

    /// <summary>Supervisor: the user's program runs.</summary>
    Started,

    /// <summary>Supervisor, in place of the two above: nothing runs, nothing is left.</summary>
    Failed,

    /// <summary>Supervisor, where only that is wanted of it: a user namespace with the container's ids, whose fd comes along.</summary>
    Users,
}

/// <summary>
/// One message of the launch line, a SOCK_SEQPACKET pair between the engine and the supervisor that it has just started.
/// <code>
///   engine                                supervisor
///   network (+ fd) ───────────────────►   reads its files, mounts the overlay meanwhile
///                  ◄───────────────────   created {pid}        or failed
///   start          ───────────────────►
///                  ◄───────────────────   started              or failed
///                                         closes the line
/// </code>
/// A supervisor that is started to adopt a container says <c>started</c> or <c>failed</c>, and nothing else; one that is started for a user
/// namespace alone says <c>users</c> (+ fd) or <c>failed</c>.
/// An engine that dies before <c>start</c> closes the line: the supervisor undoes everything and ends.
/// </summary>
public sealed class LaunchMessage
{
    /// <summary>The longest message in bytes.</summary>
    public const int MaxLength = 64 << 10;

    private static readonly string[] s_steps = ["network", "created", "start", "started", "error", "users"];

    /// <summary>What is said.</summary>
    public required LaunchStep Step { get; init; }

    /// <summary>With <see cref="LaunchStep.Created"/>: the container's first process.</summary>
    public int Pid { get; init; }

    /// <summary>With <see cref="LaunchStep.Network"/>: how often the restart policy has started this container again, this time included; 0 for a start by a user.</summary>
    public int RestartCount { get; init; }

    /// <summary>With <see cref="LaunchStep.Failed"/>: why.</summary>
    public SupervisorFailure? Failure { get; init; }

    /// <summary>Reads a message.</summary>
    /// <exception cref="SpecFormatException">It is not of this form.</exception>
    public static LaunchMessage Read(ReadOnlySpan<byte> document) => JsonCursor.ReadDocument(document, Read);

    /// <summary>The message.</summary>
    public byte[] ToBytes() => SupervisionJson.ToBytes(json =>
    {
        json.WriteString("type"u8, s_steps[(int)Step]);
        if (Step == LaunchStep.Created)
            json.WriteNumber("pid"u8, Pid);
        if (RestartCount > 0)
            json.WriteNumber("restartCount"u8, RestartCount);
        Failure?.Write(json);
    });

    private static LaunchMessage Read(ref JsonCursor json)
    {
        int step = -1, pid = 0, restarts = 0;
        SupervisorFailure? failure = null;
        json.BeginObject();
        while (json.NextMember())
            if (json.Is("type"u8)) step = Array.IndexOf(s_steps, json.String());
            else if (json.Is("pid"u8)) pid = json.Int32();
            else if (json.Is("restartCount"u8)) restarts = json.Int32();
            else if (json.Is("error"u8)) failure = SupervisorFailure.Read(ref json);
            else json.Ignore();
        if (step < 0 || (step == (int)LaunchStep.Failed && failure is null))
            throw json.Missing(step < 0 ? "type" : "error");
        return new LaunchMessage { Step = (LaunchStep)step, Pid = pid, RestartCount = restarts, Failure = failure };
    }
}
