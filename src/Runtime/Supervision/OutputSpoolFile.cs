using Rundlet.Syscalls;

namespace Rundlet.Runtime.Supervision;

/// <summary>
/// The file in the run folder through which one of a container's streams goes on its way into the log. It holds what a supervisor has taken out of the
/// stream and not written yet, so that another one can write it.
/// </summary>
public static class OutputSpoolFile
{
    /// <summary>Where the output begins, in bytes; before it stands how far the log has come.</summary>
    public const int Start = 4096;

    /// <summary>Its name in the run folder.</summary>
    /// <param name="stream"><see cref="FrameType.Stdout"/> or <see cref="FrameType.Stderr"/>.</param>
    public static string NameOf(FrameType stream) => stream == FrameType.Stderr ? "stderr.spool" : "stdout.spool";

    /// <summary>Whether there is output that may not be in the log, for a container without a supervisor.</summary>
    /// <param name="runFolder">Absolute path.</param>
    public static bool HoldsOutput(string runFolder) => HoldsOutput(runFolder, FrameType.Stdout) || HoldsOutput(runFolder, FrameType.Stderr);

    private static bool HoldsOutput(string runFolder, FrameType stream) =>
        Sys.statx(Sys.AT_FDCWD, $"{runFolder}/{NameOf(stream)}", AT.SYMLINK_NOFOLLOW, STATX.SIZE, out statx_t file) == 0 && file.stx_size > Start;
}
