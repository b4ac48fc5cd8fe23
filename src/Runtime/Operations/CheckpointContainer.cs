using System.Globalization;
using Rundlet.Linux;
using Rundlet.Linux.Cgroups;
using Rundlet.Linux.Proc;
using Rundlet.Oci;
using Rundlet.Runtime.Planning;
using Rundlet.Runtime.State;
using Rundlet.Syscalls;

namespace Rundlet.Runtime;

/// <summary><c>checkpoint</c>: writes a running container to files, through criu.</summary>
public static class CheckpointContainer
{
    /// <summary>Dumps. The container is gone afterwards, as with runc, unless it is to run on.</summary>
    /// <param name="store">The state folder.</param>
    /// <param name="id">The container.</param>
    /// <param name="options">How.</param>
    /// <param name="warn">Gets the failures of poststop hooks, a line each.</param>
    /// <exception cref="ContainerException">It cannot be dumped, or criu failed: it runs on.</exception>
    public static void Run(StateStore store, string id, CriuOptions options, Action<string>? warn)
    {
        using (ContainerHandle container = ContainerHandle.Open(store, id))
        {
            if (container.Status != ContainerStatus.Running)
                throw new ContainerException(ContainerErrorKind.Conflict, $"container '{id}' cannot be checkpointed in state {container.StatusWord}");
            using OwnedFd process = container.OpenProcess();
            Dump(container, options);
        }
        if (!options.LeaveRunning && !options.PreDump)
            DeleteContainer.Run(store, id, force: true, warn);
    }

    private static void Dump(ContainerHandle container, CriuOptions options)
    {
        SavedState state = container.State!;
        Spec spec = container.LoadSpec();
        Criu.Check(spec);
        string program = Criu.Require();
        Criu.MakeFolder(options.ImagePath);
        Criu.MakeFolder(options.WorkPath);
        using Cgroup cgroup = container.OpenCgroup();
        List<MountEntry> mounts = MountInfo.Read(state.Pid);
        List<string> words = Criu.Begin(options.PreDump ? "pre-dump" : "dump", options);
        words.AddRange(["-t", state.Pid.ToString(CultureInfo.InvariantCulture), "--root", state.Rootfs, $"--manage-cgroups={options.ManageCgroups}", "--enable-external-masters"]);
        if (options.LeaveRunning && !options.PreDump)
            words.Add("--leave-running");
        if (options.PreDump || options.ParentPath is not null)
            words.Add("--track-mem");
        if (options.ParentPath is { } parent)
            words.AddRange(["--prev-images-dir", CheckedParent(options.ImagePath, parent)]);
        if ((cgroup.PathOf("freezer") ?? cgroup.PathOf("")) is { } freezer && CanFreeze(freezer))
            words.AddRange(["--freeze-cgroup", freezer]);
        ExternalMounts.AddToDump(words, state.Pid, mounts, spec, state.Bundle, CgroupPlan.MountSource(CgroupLayout.Detect(), cgroup, spec));
        if (Criu.NetworkPath(spec) is not null)
            words.AddRange(["--external", $"net[{NamespaceNumber(state.Pid)}]:{Criu.NetworkKey}"]);
        CheckpointStdio.AddToDump(words, state.Pid, mounts, options);
        try
        {
            Criu.Run(program, words, [], options);
        }
        catch
        {
            if (cgroup.IsFrozen) // criu was killed
                cgroup.Thaw();
            throw;
        }
    }

    private static string CheckedParent(string images, string parent)
    {
        if (parent.StartsWith('/'))
            throw new ContainerException(ContainerErrorKind.InvalidArgument, $"--parent-path: '{parent}' must be relative to the folder of the images");
        return Directory.Exists($"{images}/{parent}")
            ? parent
            : throw new ContainerException(ContainerErrorKind.NotFound, $"--parent-path: '{images}/{parent}' is not a folder");
    }

    private static bool CanFreeze(string folder) =>
        Sys.faccessat2(Sys.AT_FDCWD, $"{folder}/cgroup.freeze", 0, 0) == 0 || Sys.faccessat2(Sys.AT_FDCWD, $"{folder}/freezer.state", 0, 0) == 0;

    private static ulong NamespaceNumber(int pid)
    {
        string path = $"/proc/{pid}/ns/net";
        LinuxException.ThrowIfError(Sys.statx(Sys.AT_FDCWD, path, 0, STATX.INO, out statx_t file), "stat", path);
        return file.stx_ino;
    }
}
