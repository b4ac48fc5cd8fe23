using Rundlet.Init;
using Rundlet.Linux;
using Rundlet.Linux.Cgroups;
using Rundlet.Oci;
using Rundlet.Runtime.Planning;
using Rundlet.Syscalls;

namespace Rundlet.Runtime;

public sealed partial class ExternalRuntime
{
    private const string RefusedUsers = "a user namespace of its own works with rundlet's own runtime alone";

    /// <summary>Makes a container up to the point where only its program is missing. What was made is undone when anything fails.</summary>
    /// <param name="request">What is to be made.</param>
    /// <exception cref="ContainerException">What the runtime says, or what cannot be given to it.</exception>
    public ExternalContainer Create(CreateRequest request)
    {
        ContainerId.Validate(request.Id);
        SpecValidator.Validate(request.Spec);
        if (request.Spec.Linux!.UidMappings is { Count: > 0 })
            throw new ContainerException(ContainerErrorKind.Unsupported, RefusedUsers);
        RuntimeProgram.Require(_program);
        using OwnedFd folder = FileIo.Open(Sys.AT_FDCWD, _folder, O.RDONLY | O.DIRECTORY);
        Prepare(folder, request);
        ExternalSpec external = ExternalSpec.Of(request, $"{_folder}/stage");
        using (OwnedFd bundle = FileIo.Open(folder.Value, "bundle", O.RDONLY | O.DIRECTORY))
            FileIo.Replace(bundle.Value, "config.json", SpecWriter.ToBytes(external.Spec), PrivateFile, durable: false);
        bool isTerminal = request.Spec.Process!.Terminal;
        using ConsoleSocket? console = isTerminal ? new ConsoleSocket(folder) : null;
        ExternalContainer? made = null;
        try
        {
            string[] arguments =
            [
                "--bundle", $"{_folder}/bundle", "--pid-file", PidPath, .. console is null ? (string[])[] : ["--console-socket", console.Path], _id,
            ];
            Run("create", arguments, isTerminal ? null : request.Stdio, program: request.Spec.Process.Args?[0], before: plan => Stage(plan, external));
            int pid = ReadPid();
            Cgroup cgroup = CgroupOf(pid, request.Spec.Linux.CgroupsPath ?? "");
            made = new ExternalContainer { Pid = pid, Pidfd = OwnedFd.FromAnswer(Sys.pidfd_open(pid), "pidfd_open"), Cgroup = cgroup };
            made.Terminal = console?.Take();
            return made;
        }
        catch
        {
            Undo(request, made);
            throw;
        }
    }

    // A runtime that was killed in the middle, with the supervisor, has left a container that nobody knows.
    private void Prepare(OwnedFd folder, CreateRequest request)
    {
        // The empty folder on the host has no use but to be there: runc goes to the root file system's path for exec too.
        foreach (string name in (ReadOnlySpan<string>)["oci", "bundle", "stage", "stage/rootfs"])
        {
            int answer = Sys.mkdirat(folder.Value, name, PrivateFolder);
            if (!Sys.Is(answer, Errno.EEXIST))
                LinuxException.ThrowIfError(answer, "mkdir", name);
        }
        _ = Sys.unlinkat(folder.Value, LinkName, 0); // ignored: absent as a rule; else the next call says it
        LinuxException.ThrowIfError(Sys.symlinkat(_program, folder.Value, LinkName), "symlink", LinkName);
        if (Sys.faccessat2(folder.Value, $"oci/{_id}", 0, 0) == 0)
            Undo(request, null);
    }

    // All in the runtime's process, between clone and execve.
    private void Stage(InitPlanBuilder plan, ExternalSpec external)
    {
        string stage = $"{_folder}/stage";
        plan.Call("make a mount namespace", SYS.unshare, (long)CLONE.NEWNS);
        plan.Call("keep its mounts to itself", SYS.mount, 0, plan.Text("/"), 0, (long)(MS.SLAVE | MS.REC), 0);
        plan.Call($"mount tmpfs on '{stage}'", SYS.mount, plan.Text("tmpfs"), plan.Text(stage), plan.Text("tmpfs"), (long)(MS.NOSUID | MS.NODEV | MS.NOEXEC), plan.Text("mode=0755"));
        foreach ((string name, OwnedFd tree) in external.Staged)
        {
            string path = $"{stage}/{name}";
            LinuxException.ThrowIfError(Sys.statx(tree.Value, "", AT.EMPTY_PATH, STATX.TYPE, out statx_t stat), "stat", name);
            if ((stat.stx_mode & S.IFMT) == S.IFDIR)
                plan.Call($"make '{path}'", SYS.mkdirat, Sys.AT_FDCWD, plan.Text(path), 0x1ED /* 0755 */);
            else
                plan.Call($"make '{path}'", SYS.mknodat, Sys.AT_FDCWD, plan.Text(path), (long)(S.IFREG | PrivateFile), 0);
            plan.Call($"attach '{path}'", SYS.move_mount, tree.Value, plan.Text(""), Sys.AT_FDCWD, plan.Text(path), MOUNT.MOVE_MOUNT_F_EMPTY_PATH);
        }
    }

    private void Undo(CreateRequest request, ExternalContainer? made)
    {
        made?.Kill();
        try
        {
            Delete();
        }
        catch (Exception left) when (left is LinuxException or ContainerException)
        {
            request.Warn?.Invoke(left.Message);
        }
        try
        {
            using Cgroup cgroup = Cgroup.At(CgroupLayout.Detect(), request.Spec.Linux!.CgroupsPath, request.Id);
            cgroup.Remove(kill: true);
        }
        catch (Exception left) when (left is LinuxException or ContainerException)
        {
            request.Warn?.Invoke(left.Message);
        }
        made?.Dispose();
    }
}
