using Rundlet.Linux;
using Rundlet.Oci;
using Rundlet.Runtime.State;
using Rundlet.Syscalls;

namespace Rundlet.Runtime;

/// <summary>
/// The hooks of one container and what they get to know of it. runtime.md, "Lifecycle":
///
///   create   prestart, createRuntime   the runtime's child, while the container waits before pivot_root
///            createContainer           the container's child, before pivot_root
///   start    startContainer            the container's child, before execve
///            poststart                 the runtime's child, after execve
///   delete   poststop                  the runtime's child, when process and cgroup are gone
///
/// The first that fails stops and removes the container, after which its poststop hooks run; of those all run, and
/// one that fails is only told.
/// </summary>
public sealed class ContainerHooks
{
    private readonly Oci.Hooks _hooks;
    private readonly string _version;
    private readonly string _id;
    private readonly string _bundle;
    private readonly Dictionary<string, string>? _annotations;
    private readonly int _longest;

    private ContainerHooks(Oci.Hooks hooks, string version, string id, string bundle, Dictionary<string, string>? annotations, int longest)
    {
        _hooks = hooks;
        _version = version;
        _id = id;
        _bundle = bundle;
        _annotations = annotations;
        _longest = longest;
    }

    /// <summary>The hooks of a container to be; null where the spec has none.</summary>
    public static ContainerHooks? Of(CreateRequest request) => Any(request.Spec.Hooks)
        ? new ContainerHooks(request.Spec.Hooks!, request.Spec.OciVersion, request.Id, request.Bundle, request.Spec.Annotations, request.HookSeconds)
        : null;

    /// <summary>The hooks of a container on record.</summary>
    internal static ContainerHooks? Of(SavedState state, Spec spec) => Any(spec.Hooks)
        ? new ContainerHooks(spec.Hooks!, state.OciVersion, state.Id, state.Bundle, spec.Annotations, -1)
        : null;

    /// <summary>Whether there is one at all.</summary>
    internal static bool Any(Oci.Hooks? hooks) =>
        hooks is { Prestart.Count: > 0 } or { CreateRuntime.Count: > 0 } or { CreateContainer.Count: > 0 }
            or { StartContainer.Count: > 0 } or { Poststart.Count: > 0 } or { Poststop.Count: > 0 };

    /// <summary>The hooks of one point.</summary>
    internal List<Hook> At(HookPoint point) => point switch
    {
        HookPoint.Prestart => _hooks.Prestart,
        HookPoint.CreateRuntime => _hooks.CreateRuntime,
        HookPoint.CreateContainer => _hooks.CreateContainer,
        HookPoint.StartContainer => _hooks.StartContainer,
        HookPoint.Poststart => _hooks.Poststart,
        _ => _hooks.Poststop,
    } ?? [];

    /// <summary>The longest that a hook may take, in seconds; negative for ever.</summary>
    internal int SecondsOf(Hook hook) => hook.Timeout ?? _longest;

    /// <summary>The state as a hook of this point gets it.</summary>
    /// <param name="point">The point.</param>
    /// <param name="pid">The container's first process, as the hook sees it.</param>
    internal byte[] StateAt(HookPoint point, int pid) => SpecWriter.ToBytes(new ContainerState
    {
        OciVersion = _version,
        Id = _id,
        Status = point switch
        {
            HookPoint.StartContainer => "created",
            HookPoint.Poststart => "running",
            HookPoint.Poststop => "stopped",
            _ => "creating",
        },
        Pid = point == HookPoint.Poststop ? null : pid,
        Bundle = _bundle,
        Annotations = _annotations,
    });

    /// <summary>Runs the hooks of one point of the runtime's namespaces, up to the first that fails.</summary>
    /// <exception cref="ContainerException">That one.</exception>
    internal void Run(HookPoint point, int pid)
    {
        List<Hook> hooks = At(point);
        if (hooks.Count == 0)
            return;
        byte[] state = StateAt(point, pid);
        for (int i = 0; i < hooks.Count; i++)
        {
            int status = HookRunner.Run(hooks[i], state, _bundle, SecondsOf(hooks[i]), out string output);
            if (status != 0)
                throw HookFailure.Of(point, i, hooks[i].Path, status, output);
        }
    }

    /// <summary>Runs all poststop hooks.</summary>
    /// <param name="warn">Gets the failures, a line each.</param>
    public void RunPoststop(Action<string>? warn)
    {
        List<Hook> hooks = At(HookPoint.Poststop);
        byte[] state = StateAt(HookPoint.Poststop, 0);
        for (int i = 0; i < hooks.Count; i++)
        {
            try
            {
                int status = HookRunner.Run(hooks[i], state, _bundle, SecondsOf(hooks[i]), out string output);
                if (status != 0)
                    warn?.Invoke(HookFailure.Of(HookPoint.Poststop, i, hooks[i].Path, status, output).Message);
            }
            catch (LinuxException failed)
            {
                warn?.Invoke($"error running poststop hook #{i} '{hooks[i].Path}': {failed.Message}");
            }
        }
    }
}
