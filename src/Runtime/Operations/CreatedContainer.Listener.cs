using Rundlet.Linux;
using Rundlet.Oci;

namespace Rundlet.Runtime;

/// <summary>The part about a seccomp filter that notifies.</summary>
public sealed partial class CreatedContainer
{
    /// <summary>The op whose message carries the listener; -1 for none.</summary>
    internal int ListenerOp { get; init; } = -1;

    /// <summary>The bundle, for the state that the listener gets.</summary>
    internal string Bundle { get; init; } = "";

    private void TellListener(int fd)
    {
        using OwnedFd listener = new(fd);
        ContainerState state = new()
        {
            OciVersion = Spec.OciVersion,
            Id = Id,
            Status = "creating",
            Pid = Pid,
            Bundle = Bundle,
            Annotations = Spec.Annotations is { Count: > 0 } annotations ? annotations : null,
        };
        SeccompListener.Tell(Spec.Linux!.Seccomp!, listener, Pid, state);
    }
}
