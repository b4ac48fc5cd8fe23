using Rundlet.Init;
using Rundlet.Linux;
using Rundlet.Linux.Cgroups;
using Rundlet.Oci;
using Rundlet.Runtime.Planning;
using Rundlet.Syscalls;

namespace Rundlet.Runtime;

/// <summary>
/// Makes a container up to the point where only execve is missing.
///
///   parent                                   child
///   open rootfs; cgroup of v2
///   clone3 --------------------------------> reset signals
///   write the id maps; release -------------> (new user namespace only)
///   open binds; plan                         unshare
///   the plan; release ----------------------> root, mounts, …
///   make and set the cgroups of v1
///   put the child in; release -------------> cgroup namespace, cgroup mounts, masks, pivot_root, ids, filter
///   &lt;------------------------------------ ready
///   Start: release ------------------------> execve
///
/// With a new user namespace and cgroups of v1 the cgroups come before the plan: the child can do nothing else without them.
/// Where the child has to be cloned with its plan (<see cref="FirstProcess"/>), clone3 comes behind "plan".
/// </summary>
public static class CreateContainer
{
    /// <summary>Makes a container. What was made is undone when anything fails.</summary>
    /// <exception cref="ContainerException">The spec asks for something impossible, or a step failed; the message says which.</exception>
    public static CreatedContainer Run(CreateRequest request)
    {
        ContainerId.Validate(request.Id);
        SpecValidator.Validate(request.Spec);
        CapabilityTable.WarnOfUnknown(request.Spec.Process?.Capabilities, request.Warn);
        try
        {
            return Make(request);
        }
        catch (LinuxException failed)
        {
            throw new ContainerException(KindOf(failed.Errno), $"create container '{request.Id}'", failed);
        }
    }

    /// <summary>The kind of failure that an error of the kernel stands for.</summary>
    internal static ContainerErrorKind KindOf(Errno errno) => errno switch
    {
        Errno.ENOENT => ContainerErrorKind.NotFound,
        Errno.EPERM or Errno.EACCES => ContainerErrorKind.PermissionDenied,
        Errno.EINVAL or Errno.ENAMETOOLONG or Errno.ENOTDIR => ContainerErrorKind.InvalidArgument,
        Errno.ENOSYS or Errno.EOPNOTSUPP => ContainerErrorKind.Unsupported,
        _ => ContainerErrorKind.Internal,
    };

    private static CreatedContainer Make(CreateRequest request)
    {
        Spec spec = request.Spec;
        CgroupLayout layout = CgroupLayout.Detect();
        (string rootPath, OwnedFd? root) = OpenRoot(request);
        using OwnedFd? ownRoot = request.RootMount is null ? root : null;
        using SystemdScope? scope = SystemdScope.For(request, layout);
        bool mayLackCgroups = RootlessCaller.MayLackCgroups(request.Rootless);
        Cgroup cgroup = request.CgroupManager == CgroupManager.Disabled
            ? Cgroup.None
            : Cgroup.At(layout, scope?.CgroupPath ?? spec.Linux!.CgroupsPath, request.Id, mayLackCgroups);
        cgroup.RequireUnused();
        RdtGroup? rdt = RdtGroup.For(spec.Linux!.IntelRdt, request.Id);
        if (rdt is not null)
            request.BeforeRdt?.Invoke(rdt);
        request.BeforeCgroup?.Invoke(cgroup, scope?.Unit);
        ContainerHooks? hooks = ContainerHooks.Of(request);
        using InnerHooks? inner = hooks is null ? null : new InnerHooks(hooks);
        IReadOnlyList<string> taskFiles = !mayLackCgroups && scope is null && MovesItself(spec) ? cgroup.TaskFiles : [];
        uint? owner = CgroupPlan.OwnerOf(layout, spec);
        using OwnedFd? folder = scope is null ? MakeUnified(layout, cgroup, spec, owner) : null;
        CgroupSteps steps = new(IsInCgroup: layout.Mode == CgroupMode.V2 && folder is not null, MovesItself: taskFiles.Count > 0, owner, scope);
        using FirstProcess first = new(request, taskFiles, cgroup, folder);
        ContainerPlanner? planner = null;
        InitPlanBlock block;
        InitProcess process;
        try
        {
            first.Begin(() => steps.Make(cgroup, spec.Linux!, 0));
            byte[]? filter = SeccompPlan.Compile(spec.Linux!.Seccomp, out uint filterFlags);
            first.Spread();
            planner = new(new PlanInputs
            {
                Spec = spec,
                Id = request.Id,
                RootPath = rootPath,
                RootMount = root,
                DetachedSources = request.DetachedSources,
                NoPivot = request.NoPivot,
                Bundle = request.Bundle,
                Line = first.ChildEnd,
                StartedEarly = first.HasBegun,
                JoinedEarly = first.JoinsEarly,
                Gate = request.Gate,
                TellsPid = request.TellsPid,
                Hooks = inner,
                AwaitsHooks = hooks is not null && (hooks.At(HookPoint.Prestart).Count > 0 || hooks.At(HookPoint.CreateRuntime).Count > 0),
                Lock = request.Lock,
                NetworkNamespace = request.NetworkNamespace,
                PreserveFds = request.PreserveFds,
                Stdio = request.Stdio,
                KeepKeyring = request.KeepKeyring,
                Cgroups = CgroupPlan.MountSource(layout, cgroup, spec),
                SeccompProgram = filter,
                SeccompFlags = filterFlags,
                TaskFiles = taskFiles,
                BlockedSignals = request.BlockedSignals,
            });
            block = planner.Build();
            process = first.Continue(planner, block);
        }
        catch
        {
            planner?.Dispose();
            first.Abandon();
            if (scope is null)
                cgroup.Undo();
            cgroup.Dispose();
            throw;
        }
        using ContainerPlanner held = planner;
        CreatedContainer container = new(request.Id, spec, process, block, cgroup) { ListenerOp = planner.ListenerOp, Bundle = request.Bundle, Hooks = hooks, Inner = inner, Rdt = rdt };
        try
        {
            container.Raise(planner, steps with { IsInCgroup = steps.IsInCgroup || first.JoinsEarly }, request.Meanwhile);
            return container;
        }
        catch
        {
            container.Abandon();
            scope?.Undo();
            if (container.HooksBegan)
                hooks!.RunPoststop(request.Warn);
            throw;
        }
    }

    private static (string Path, OwnedFd? Mount) OpenRoot(CreateRequest request)
    {
        string root = request.Spec.Root!.Path;
        string path = root[0] == '/' ? root : $"{request.Bundle}/{root}";
        int fd = Sys.openat(Sys.AT_FDCWD, path, O.PATH | O.DIRECTORY);
        if (Sys.Is(fd, Errno.ENOENT))
            throw new ContainerException(ContainerErrorKind.InvalidArgument, $"root.path: rootfs '{path}' does not exist");
        if (Sys.Is(fd, Errno.ENOTDIR))
            throw new ContainerException(ContainerErrorKind.InvalidArgument, $"root.path: rootfs '{path}' is not a folder");
        using OwnedFd folder = OwnedFd.FromAnswer(fd, "open rootfs", path);
        return (path, request.RootMount ?? ContainerPlanner.OpenRoot(folder, path, request.Spec.Linux!.RootfsPropagation));
    }

    // In a user namespace that it joins, or without root, the host's files of the cgroup are not the child's to write.
    private static bool MovesItself(Spec spec)
    {
        foreach (Namespace item in spec.Linux!.Namespaces ?? [])
        {
            if (item is { Type: "user", Path.Length: > 0 })
                return false;
        }
        return Sys.geteuid() == 0;
    }

    // The cgroup2 folder is made first and the child is born in it: moving a process there later waits for every processor.
    // With v2 alone that is all. The hierarchies of v1 are made while the child works, and it moves itself into them.
    private static OwnedFd? MakeUnified(CgroupLayout layout, Cgroup cgroup, Spec spec, uint? owner)
    {
        OwnedFd? folder = null;
        try
        {
            folder = cgroup.CreateUnified();
            if (layout.Mode == CgroupMode.V2 && folder is not null)
                RootlessCaller.Apply(cgroup, spec.Linux!.Resources);
            if (folder is not null && owner is { } uid)
                cgroup.Delegate(uid);
            return folder;
        }
        catch (LinuxException refused) when (cgroup.WhyClosed(refused) is { } why)
        {
            folder?.Dispose();
            cgroup.Undo();
            throw why;
        }
        catch
        {
            folder?.Dispose();
            cgroup.Undo();
            throw;
        }
    }
}
