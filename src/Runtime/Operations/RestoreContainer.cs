using System.Globalization;
using Rundlet.Linux;
using Rundlet.Linux.Cgroups;
using Rundlet.Linux.Proc;
using Rundlet.Oci;
using Rundlet.Runtime.Planning;
using Rundlet.Runtime.State;
using Rundlet.Syscalls;

namespace Rundlet.Runtime;

/// <summary><c>restore</c>: makes a container out of what <c>checkpoint</c> wrote, through criu.</summary>
public static class RestoreContainer
{
    private const int NetworkFd = 110; // in criu

    /// <summary>Restores: the container runs, in its cgroup, and has an entry in the state folder.</summary>
    /// <param name="store">The state folder.</param>
    /// <param name="config">The spec's bytes, kept as they are.</param>
    /// <param name="request">Id, bundle and spec.</param>
    /// <param name="options">How.</param>
    /// <param name="child">Whether the first process becomes a child of the caller, to be waited for.</param>
    /// <exception cref="ContainerException">It cannot be restored, or criu failed. Nothing is left of it.</exception>
    public static RestoredContainer Run(StateStore store, ReadOnlySpan<byte> config, CreateRequest request, CriuOptions options, bool child)
    {
        SpecValidator.Validate(request.Spec);
        Criu.Check(request.Spec);
        string program = Criu.Require();
        if (!Directory.Exists(options.ImagePath))
            throw new ContainerException(ContainerErrorKind.NotFound, $"--image-path: '{options.ImagePath}' is not a folder");
        Criu.MakeFolder(options.WorkPath);
        CgroupLayout layout = CgroupLayout.Detect();
        using Cgroup cgroup = Cgroup.At(layout, request.Spec.Linux!.CgroupsPath, request.Id);
        using ContainerFolder folder = store.Create(request.Id);
        SavedState state = CreateInState.NewState(request);
        List<OwnedFd> held = [];
        RestoredContainer? restored = null;
        bool made = false;
        try
        {
            folder.SaveConfig(config);
            CreateInState.Record(cgroup, state);
            folder.Save(state);
            cgroup.Create();
            made = true;
            RootlessCaller.Apply(cgroup, request.Spec.Linux.Resources);
            restored = Restore(program, request, options, child, layout, cgroup, Path.GetFullPath($"{store.Root}/{request.Id}"), held);
            state.Pid = restored.Pid;
            state.StartTime = ProcStat.TryRead(restored.Pid)?.StartTime ?? 0;
            folder.Save(state);
            return restored;
        }
        catch
        {
            restored?.Kill();
            if (made)
                cgroup.Remove(kill: true);
            folder.Remove();
            restored?.Dispose();
            throw;
        }
        finally
        {
            foreach (OwnedFd fd in held)
                fd.Dispose();
        }
    }

    private static RestoredContainer Restore(
        string program, CreateRequest request, CriuOptions options, bool child, CgroupLayout layout, Cgroup cgroup, string mountPoint, List<OwnedFd> held)
    {
        Spec spec = request.Spec;
        string pidFile = $"{options.WorkPath}/restore-{request.Id}.pid";
        Remove(pidFile);
        List<string> words = Criu.Begin("restore", options);
        List<Spawn.FdMapping> fds = [];
        words.AddRange(["--restore-detached", "--pidfile", pidFile, "--root", mountPoint, $"--manage-cgroups={options.ManageCgroups}", "--enable-external-masters"]);
        if (child)
            words.Add("--restore-sibling");
        if (options.LsmProfile is { } profile)
            words.AddRange(["--lsm-profile", profile]);
        if (options.LsmMountContext is { } context)
            words.AddRange(["--lsm-mount-context", context]);
        AddCgroupRoots(words, layout, cgroup);
        ExternalMounts.AddToRestore(words, spec, request.Bundle, CgroupPlan.MountSource(layout, cgroup, spec));
        CheckpointStdio.AddToRestore(words, fds, options);
        if (Criu.NetworkPath(spec) is { } path)
        {
            held.Add(FileIo.Open(Sys.AT_FDCWD, path, O.RDONLY));
            words.AddRange(["--inherit-fd", $"fd[{NetworkFd}]:{Criu.NetworkKey}"]);
            fds.Add(new(held[^1].Value, NetworkFd));
        }
        // criu wants a mount point whose parent is not covered. The container's own state folder is one that is always there,
        // and is covered for criu only.
        string root = Path.GetFullPath(spec.Root!.Path, request.Bundle);
        using (MountNamespaceSwitch.Enter())
        {
            // criu 3.17 forgets it. Ours is inherited by all that it restores; and what we run from here on needs no more rights.
            if (spec.Process?.NoNewPrivileges is true)
                LinuxException.ThrowIfError(Sys.prctl(PR.SET_NO_NEW_PRIVS, 1), "set no_new_privs");
            LinuxException.ThrowIfError(Sys.mount(root, mountPoint, "", MS.BIND | MS.REC, ""), "bind", root);
            mount_attr readOnly = new() { attr_set = MOUNT_ATTR.RDONLY };
            if (spec.Root.Readonly) // the root is the one mount whose flags criu takes from what it finds
                LinuxException.ThrowIfError(Sys.mount_setattr(Sys.AT_FDCWD, mountPoint, 0, readOnly), "make read-only", root);
            Criu.Run(program, words, fds, options);
        }
        string text = FileIo.TryReadText(pidFile) ?? "";
        Remove(pidFile);
        return Take(text, cgroup);
    }

    private static RestoredContainer Take(string text, Cgroup cgroup)
    {
        if (!int.TryParse(text.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out int pid))
            throw new ContainerException(ContainerErrorKind.Internal, "criu restore told no pid");
        int pidfd = Sys.pidfd_open(pid);
        if (Sys.Is(pidfd, Errno.ESRCH))
            throw new ContainerException(ContainerErrorKind.Conflict, "the restored process has ended at once");
        RestoredContainer restored = new(pid, OwnedFd.FromAnswer(pidfd, "open process", text));
        if (!cgroup.Pids().Contains(pid))
            cgroup.Join(pid); // else a process of a cgroup that the container made is where it was
        return restored;
    }

    // The images hold the old container's paths; this one's may be others.
    private static void AddCgroupRoots(List<string> words, CgroupLayout layout, Cgroup cgroup)
    {
        foreach (CgroupHierarchy hierarchy in layout.Hierarchies)
        {
            if (cgroup.PathOf(hierarchy.IsV2 ? "" : hierarchy.Names[0]) is not { } path || path.Length <= hierarchy.MountPoint.Length)
                continue;
            string inside = path[hierarchy.MountPoint.Length..];
            if (layout.Mode == CgroupMode.V2)
                words.AddRange(["--cgroup-root", inside]);
            else if (!hierarchy.IsV2)
                words.AddRange(["--cgroup-root", $"{string.Join(',', hierarchy.Names)}:{inside}"]);
        }
    }

    private static void Remove(string file)
    {
        int removed = Sys.unlinkat(Sys.AT_FDCWD, file, 0);
        if (!Sys.Is(removed, Errno.ENOENT))
            LinuxException.ThrowIfError(removed, "unlink", file);
    }
}
