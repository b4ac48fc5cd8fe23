namespace Rundlet.Cli.Output.Progress;

/// <summary>Where one part of a long work stands.</summary>
/// <param name="Id">What the part is called: a short digest.</param>
/// <param name="State">What happens to it, in docker's words.</param>
/// <param name="Done">Bytes that are done.</param>
/// <param name="Total">Bytes in all; 0 where nobody knows, then there is no bar.</param>
/// <param name="IsFinal">Whether nothing more will happen to it.</param>
internal readonly record struct ProgressEvent(string Id, string State, long Done = 0, long Total = 0, bool IsFinal = false);
