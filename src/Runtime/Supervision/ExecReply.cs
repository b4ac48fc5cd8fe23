using Rundlet.Linux;

namespace Rundlet.Runtime.Supervision;

/// <summary>A process that <c>exec</c> has started.</summary>
/// <param name="Pid">Its pid on the host.</param>
/// <param name="Terminal">The master side of its terminal, the caller's now; null where it has none.</param>
public sealed record ExecReply(int Pid, OwnedFd? Terminal);
