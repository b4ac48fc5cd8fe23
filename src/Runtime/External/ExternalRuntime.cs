using System.Globalization;
using Rundlet.Init;
using Rundlet.Linux;
using Rundlet.Linux.Cgroups;
using Rundlet.Linux.Proc;
using Rundlet.Oci;
using Rundlet.Syscalls;

namespace Rundlet.Runtime;

/// <summary>
/// One container of another OCI runtime, by the command line that all of them have in common (runtime.md of the specification names the
/// operations, runc the flags). The runtime's processes leave the container to its caller, which must be a subreaper: then the container's
/// first process is its child. In the container's run folder:
/// <code>
///   runtime         a link to the program: whoever finds the folder later knows whose container it was
///   oci             the runtime's own state, its --root
///   bundle          config.json as the runtime gets it
///   stage           where mounts are put for it, in its own mount namespace; empty on the host
///   runtime.log     what it says, a command at a time
/// </code>
/// </summary>
public sealed partial class ExternalRuntime
{
    // Everything waits for it, stop requests too; one that hangs must not keep them for ever.
    private const int Seconds = 120;
    private const string LinkName = "runtime";
    private const uint PrivateFile = 0x180; // 0600
    private const uint PrivateFolder = 0x1C0; // 0700

    private readonly string _program;
    private readonly string _id;
    private readonly string _folder;

    /// <summary>Nothing is run yet.</summary>
    /// <param name="program">Absolute path of the runtime.</param>
    /// <param name="id">The container's id.</param>
    /// <param name="runFolder">Absolute path of the container's run folder.</param>
    public ExternalRuntime(string program, string id, string runFolder)
    {
        _program = program;
        _id = id;
        _folder = runFolder;
    }

    /// <summary>The runtime of the container whose run folder this is; null where it is our own.</summary>
    public static ExternalRuntime? TryOpen(string id, string runFolder)
    {
        Span<byte> target = stackalloc byte[4096];
        nint length = Sys.readlinkat(Sys.AT_FDCWD, $"{runFolder}/{LinkName}", target);
        return length > 0 ? new ExternalRuntime(System.Text.Encoding.UTF8.GetString(target[..(int)length]), id, runFolder) : null;
    }

    private string Name => Path.GetFileName(_program);

    private string StateFolder => $"{_folder}/oci";

    private string PidPath => $"{_folder}/runtime.pid";

    private string LogPath => $"{_folder}/runtime.log";

    /// <summary>Lets the user's program start.</summary>
    /// <exception cref="ContainerException">What the runtime says.</exception>
    public void Start(Process process) => Run("start", [_id], program: process.Args?[0]);

    /// <summary>Signals the first process.</summary>
    /// <exception cref="ContainerException"><c>Conflict</c>: it is gone; or what the runtime says.</exception>
    public void Kill(int signal) => Run("kill", [_id, signal.ToString(CultureInfo.InvariantCulture)]);

    /// <summary>Holds all processes.</summary>
    /// <exception cref="ContainerException">What the runtime says.</exception>
    public void Pause() => Run("pause", [_id]);

    /// <summary>Lets them run again.</summary>
    /// <exception cref="ContainerException">What the runtime says.</exception>
    public void Resume() => Run("resume", [_id]);

    /// <summary>Removes what the runtime has of a container whose processes are gone, and runs its poststop hooks; there may be nothing.</summary>
    /// <exception cref="ContainerException">What the runtime says.</exception>
    public void Delete() => Run("delete", ["--force", _id]);

    /// <summary>What the runtime says of the container's status: <c>created</c>, <c>running</c>, <c>paused</c> or <c>stopped</c>.</summary>
    /// <exception cref="ContainerException">What the runtime says, or that it is no state.</exception>
    public string ReadStatus()
    {
        using OwnedFd answer = OwnedFd.FromAnswer(Sys.memfd_create("state", 0), "memfd_create");
        Run("state", [_id], stdout: answer);
        _ = Sys.lseek(answer.Value, 0, 0); // ignored: cannot fail on a memfd
        try
        {
            return SpecReader.ReadState(FileIo.ReadAll(answer.Value, $"the state that {Name} tells")).Status;
        }
        catch (SpecFormatException wrong)
        {
            throw new ContainerException(ContainerErrorKind.Internal, $"{Name} state", wrong);
        }
    }

    private string[] Words(string command, ReadOnlySpan<string> arguments) =>
        [_program, "--root", StateFolder, "--log", LogPath, "--log-format", "json", command, .. arguments];

    // stdio: what the container gets as its own, where the command makes a process.
    private void Run(string command, string[] arguments, IReadOnlyList<int>? stdio = null, OwnedFd? stdout = null, string? program = null, Action<InitPlanBuilder>? before = null)
    {
        RuntimeProgram.Require(_program);
        _ = Sys.unlinkat(Sys.AT_FDCWD, LogPath, 0); // ignored: absent as a rule; an older error of it would be told at worst
        _ = Sys.unlinkat(Sys.AT_FDCWD, PidPath, 0); // ignored: absent as a rule; an older pid must not be taken for what is made now
        using OwnedFd nothing = FileIo.Open(Sys.AT_FDCWD, "/dev/null", O.RDWR);
        using ProgramOutput output = ProgramOutput.Open();
        string sentence = $"run {Name} {command}";
        InitPlanBuilder plan = ProgramRun.Begin(sentence);
        before?.Invoke(plan);
        plan.Call(sentence, SYS.setsid); // the group that a timeout kills
        for (int fd = 0; fd < 3; fd++)
        {
            int source = stdio is null ? (fd == 0 ? nothing : fd == 1 ? stdout ?? output.Writing : output.Writing).Value : stdio[fd];
            plan.Call(sentence, SYS.dup3, source < 3 ? nothing.Value : source, fd, 0); // our own stdio is nothing too
        }
        plan.Call(sentence, SYS.close_range, 3, uint.MaxValue, CLOSE_RANGE.CLOEXEC);
        PlanData path = plan.Vector([_program]);
        plan.Add(sentence, OpCode.FindExecutable, null, 0, null, null, [path]);
        plan.Add(sentence, OpCode.Execute, null, 0, null, null, [path, plan.Vector(Words(command, arguments)), plan.Vector(Environment)]);
        ProgramEnd end = ProgramRun.Run(plan, output, Seconds);
        if (end.Failed != Errno.None)
            throw new ContainerException(CreateContainer.KindOf(end.Failed), end.Step, new LinuxException(end.Failed, "the kernel says"));
        if (end.Status != 0)
            throw FailureOf(command, end.Status, output.Text, program);
    }

    private ContainerException FailureOf(string command, int status, string output, string? program)
    {
        string text = status switch
        {
            HookStatus.TimedOut => $"it took longer than {Seconds} s and was killed",
            >= HookStatus.Killed => $"signal {status - HookStatus.Killed} ended it{(output.Length > 0 ? $": {output}" : "")}",
            _ => RuntimeLog.LastErrorIn(LogPath) ?? output,
        };
        return RuntimeLog.FailureOf(Name, command, text.Trim().Replace("\n", " | ", StringComparison.Ordinal), program);
    }

    // Nothing of ours, which is empty anyway: what a runtime needs to find its helpers.
    private static readonly string[] Environment = ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", "LC_ALL=C.UTF-8"];

    private int ReadPid()
    {
        string? text = FileIo.TryReadText(PidPath, 64);
        if (!int.TryParse(text, CultureInfo.InvariantCulture, out int pid) || pid <= 0)
            throw new ContainerException(ContainerErrorKind.Internal, $"{Name} wrote no pid into its pid file");
        return ProcStat.TryRead(pid)?.ParentPid == Sys.getpid()
            ? pid
            : throw new ContainerException(ContainerErrorKind.Unsupported, $"{Name} did not leave process {pid} to its caller") { Hint = "only runtimes can be used whose container is a child of whoever ran them" };
    }

    // Only where the process is in the container's own: a runtime may leave it elsewhere, and that is not ours to kill.
    private static Cgroup CgroupOf(int pid, string cgroupsPath)
    {
        Dictionary<string, string> paths = [];
        if (cgroupsPath.Length < 2)
            return Cgroup.None; // everybody is in the root
        foreach (CgroupHierarchy hierarchy in CgroupLayout.Of(pid).Hierarchies)
        {
            if (hierarchy.OwnPath != cgroupsPath && !hierarchy.OwnPath.StartsWith($"{cgroupsPath}/", StringComparison.Ordinal))
                continue;
            string path = hierarchy.MountPoint + cgroupsPath;
            if (hierarchy.IsV2)
                paths[""] = path;
            foreach (string name in hierarchy.Names)
                paths[name] = path;
        }
        return Cgroup.FromPaths(paths);
    }
}
