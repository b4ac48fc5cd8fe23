using Rundlet.Init;
using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Runtime;

/// <summary>Words for a hook that failed.</summary>
internal static class HookFailure
{
    /// <summary>The failure: <c>error running createRuntime hook #0 '/x': exit status 1: what it wrote</c>.</summary>
    /// <param name="point">When the hook ran.</param>
    /// <param name="index">Its place in the list, from 0.</param>
    /// <param name="path">Its program.</param>
    /// <param name="status">An errno, or what <see cref="HookStatus"/> tells.</param>
    /// <param name="output">What it wrote to stdout and stderr.</param>
    public static ContainerException Of(HookPoint point, int index, string path, int status, string output)
    {
        string what = $"error running {NameOf(point)} hook #{index} '{path}': {ReasonOf(status, path)}";
        if (output.Length > 0)
            what += $": {output}";
        ContainerErrorKind kind = status < HookStatus.Exited ? CreateContainer.KindOf((Errno)status) : ContainerErrorKind.Internal;
        return new ContainerException(kind, what);
    }

    /// <summary>The member of <c>hooks</c>.</summary>
    public static string NameOf(HookPoint point) => point switch
    {
        HookPoint.Prestart => "prestart",
        HookPoint.CreateRuntime => "createRuntime",
        HookPoint.CreateContainer => "createContainer",
        HookPoint.StartContainer => "startContainer",
        HookPoint.Poststart => "poststart",
        _ => "poststop",
    };

    private static string ReasonOf(int status, string path) => status switch
    {
        HookStatus.TimedOut => "it ran past its timeout and was killed",
        >= HookStatus.Killed => $"signal {status - HookStatus.Killed}",
        >= HookStatus.Exited => $"exit status {status - HookStatus.Exited}",
        _ => ChildFailure.OfExecutable((Errno)status, path).Message,
    };
}
