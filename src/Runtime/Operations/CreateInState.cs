using Rundlet.Linux;
using Rundlet.Linux.Cgroups;
using Rundlet.Linux.Proc;
using Rundlet.Oci;
using Rundlet.Runtime.Planning;
using Rundlet.Runtime.State;
using Rundlet.Syscalls;

namespace Rundlet.Runtime;

/// <summary>
/// <c>create</c> and the first half of <c>run</c>: a container with an entry in the state folder. The entry is there
/// before anything is made, so that <c>delete</c> finds what a killed create left.
/// </summary>
public static class CreateInState
{
    /// <summary>Creates.</summary>
    /// <param name="store">The state folder.</param>
    /// <param name="config">The spec's bytes, kept as they are.</param>
    /// <param name="request">The rest.</param>
    /// <param name="stays">Whether the creator stays and starts the container itself (<c>run</c>).</param>
    /// <returns>The container, its process not started. With <paramref name="stays"/> false it may be disposed at once.</returns>
    /// <exception cref="ContainerException">Nothing is left of it.</exception>
    public static CreatedContainer Run(StateStore store, ReadOnlySpan<byte> config, CreateRequest request, bool stays)
    {
        using ContainerFolder folder = store.Create(request.Id);
        SavedState state = NewState(request);
        OwnedFd? go = null;
        OwnedFd? result = null;
        try
        {
            folder.SaveConfig(config);
            if (request.Notifies)
                NotifySocket.AddTo(request.Spec, folder.MakeNotifyFolder(store));
            if (!stays)
            {
                go = folder.MakePipe(ContainerFolder.GoPipe);
                result = folder.MakePipe(ContainerFolder.ResultPipe);
            }
            CreatedContainer container = CreateContainer.Run(Recorded(request, folder, state, go, result));
            try
            {
                folder.Publish();
                return container;
            }
            catch
            {
                container.Abandon();
                container.Hooks?.RunPoststop(request.Warn);
                throw;
            }
        }
        catch
        {
            folder.Remove();
            throw;
        }
        finally
        {
            go?.Dispose();
            result?.Dispose();
        }
    }

    private static CreateRequest Recorded(CreateRequest request, ContainerFolder folder, SavedState state, OwnedFd? go, OwnedFd? result) => new()
    {
        Id = request.Id,
        Bundle = request.Bundle,
        Spec = request.Spec,
        RootMount = request.RootMount,
        NoPivot = request.NoPivot,
        NetworkNamespace = request.NetworkNamespace,
        Stdio = request.Stdio,
        PreserveFds = request.PreserveFds,
        KeepKeyring = request.KeepKeyring,
        TellsPid = request.TellsPid,
        HookSeconds = request.HookSeconds,
        SharesMemory = request.SharesMemory,
        Warn = request.Warn,
        Rootless = request.Rootless,
        Lock = folder.Fd,
        Gate = go is null || result is null ? null : new StartGate(go, result),
        CgroupManager = request.CgroupManager,
        BeforeRdt = group => group.Record(state),
        BeforeCgroup = (cgroup, unit) =>
        {
            state.SystemdUnit = unit ?? "";
            Record(cgroup, state);
            folder.Save(state);
        },
        Meanwhile = container =>
        {
            Complete(state, container);
            folder.Prepare(state);
        },
    };

    private static void Complete(SavedState state, CreatedContainer container)
    {
        state.Pid = container.Pid;
        if (container.Cgroup.IsPartial)
            Record(container.Cgroup, state);
        container.Rdt?.Record(state);
        state.StartTime = ProcStat.TryRead(container.Pid)?.StartTime ?? 0;
        state.StartHookOps.AddRange(container.Inner?.StartOps ?? []);
    }

    /// <summary>Writes down where the cgroup is.</summary>
    internal static void Record(Cgroup cgroup, SavedState state)
    {
        state.CgroupPaths.Clear();
        foreach ((string controller, string path) in cgroup.Paths)
            state.CgroupPaths[controller] = path;
    }

    /// <summary>The state of a container whose process is not there yet.</summary>
    internal static SavedState NewState(CreateRequest request)
    {
        string root = request.Spec.Root?.Path ?? "";
        SavedState state = new()
        {
            OciVersion = request.Spec.OciVersion,
            Id = request.Id,
            Bundle = request.Bundle,
            Rootfs = root.StartsWith('/') ? root : $"{request.Bundle}/{root}",
            Created = DateTimeOffset.UtcNow,
            Owner = Sys.geteuid(),
            HasHooks = ContainerHooks.Any(request.Spec.Hooks),
            KeepsKeyring = request.KeepKeyring,
        };
        foreach ((string key, string value) in request.Spec.Annotations ?? [])
            state.Annotations[key] = value;
        return state;
    }
}
