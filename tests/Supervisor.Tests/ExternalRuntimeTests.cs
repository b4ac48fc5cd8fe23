using System.Text;
using Rundlet.Linux;
using Rundlet.Linux.Cgroups;
using Rundlet.Linux.Proc;
using Rundlet.Oci;
using Rundlet.Runtime;
using Rundlet.Runtime.Supervision;
using Rundlet.Syscalls;

namespace Rundlet.Supervisor.Tests;

/// <summary>Containers of other runtimes: what a supervisor can, it can with them too.</summary>
public sealed class ExternalRuntimeTests
{
    private const string Forever = "while :; do sleep 1000; done";

    public static TheoryData<string> Runtimes => ["runc", "crun", "runcs"];

    [Theory]
    [MemberData(nameof(Runtimes))]
    public void Output_log_and_exit_code_are_the_programs(string runtime)
    {
        using TestContainer container = TestContainer.Create(["/bin/sh", "-c", "echo out; echo err >&2; read line; echo got $line; exit 7"], new(Runtime: Program(runtime), Stdin: true));
        using SupervisorConnection client = container.Attach(stdin: true);
        container.Start();
        client.WriteStdin("word\n"u8);

        (string stdout, string stderr, ExitRecord exit) = TestContainer.ReadToEnd(client);
        container.WaitForSupervisor();

        Assert.Equal(("out\ngot word\n", "err\n", 7, null), (stdout, stderr, exit.ExitCode, exit.Error));
        Assert.Equal("out\ngot word\n", string.Concat(JsonFileLogTests.Records(container.LogPath).Where(r => r.Stream == "stdout").Select(r => r.Log)));
        Assert.False(File.Exists(Path.Combine(container.RunFolder, "oci", container.Id)), "the runtime has kept its state");
    }

    [Theory]
    [MemberData(nameof(Runtimes))]
    public void Stop_asks_and_then_kills(string runtime)
    {
        using (TestContainer obeys = TestContainer.Run("trap 'exit 3' TERM; echo ready; while :; do sleep 0.01; done", new(Runtime: Program(runtime))))
        {
            using SupervisorConnection client = obeys.Connect();
            UntilTheLogHas(obeys, "ready");
            Assert.Equal(3, client.Stop().ExitCode);
        }
        using TestContainer ignores = TestContainer.Run("trap '' TERM; echo ready; while :; do sleep 0.01; done", new(Runtime: Program(runtime)));
        UntilTheLogHas(ignores, "ready");
        using SupervisorConnection other = ignores.Connect();
        Assert.Equal(137, other.Stop(timeoutMs: 50).ExitCode);
    }

    [Theory]
    [MemberData(nameof(Runtimes))]
    public void Exec_has_its_own_stdio_and_code(string runtime)
    {
        using TestContainer container = TestContainer.Run(Forever, new(Runtime: Program(runtime)));
        using SupervisorConnection client = container.Connect();
        LinuxException.ThrowIfError(Sys.pipe2(out int reading, out int writing, O.CLOEXEC), "pipe2");
        using OwnedFd read = new(reading);
        using (OwnedFd write = new(writing))
            client.Exec(TestContainer.ProcessOf(["/bin/sh", "-c", "echo inside; readlink /proc/1/ns/pid; exit 9"]), [0, write.Value, write.Value], detach: false).Terminal?.Dispose();
        Assert.Equal(9, client.WaitExit().ExitCode);
        Assert.Equal($"inside\n{File.ResolveLinkTarget($"/proc/{container.Pid}/ns/pid", false)!.Name}\n", Encoding.UTF8.GetString(FileIo.ReadAll(read.Value, "pipe")));
    }

    [Theory]
    [MemberData(nameof(Runtimes))]
    public void Exec_with_a_terminal_gets_one(string runtime)
    {
        using TestContainer container = TestContainer.Run(Forever, new(Runtime: Program(runtime)));
        using SupervisorConnection client = container.Connect();
        using OwnedFd terminal = client.Exec(TestContainer.ProcessOf(["/bin/sh", "-c", "test -t 0 && test -t 1 && echo yes"], terminal: true), [], detach: false).Terminal!;
        Assert.Contains("yes", ReadTerminal(terminal));
        Assert.Equal(0, client.WaitExit().ExitCode);
    }

    [Theory]
    [MemberData(nameof(Runtimes))]
    public void A_terminal_comes_over_the_console_socket(string runtime)
    {
        using TestContainer container = TestContainer.Create(["/bin/sh", "-c", "stty size; read line; echo got $line"], new(Runtime: Program(runtime), Terminal: true));
        using SupervisorConnection client = container.Attach(stdin: true);
        client.Resize(33, 77);
        container.Start();
        client.WriteStdin("word\n"u8);

        (string stdout, _, ExitRecord exit) = TestContainer.ReadToEnd(client);

        Assert.Contains("33 77", stdout);
        Assert.Contains("got word", stdout);
        Assert.Equal(0, exit.ExitCode);
    }

    [Theory]
    [MemberData(nameof(Runtimes))]
    public void Pause_holds_and_resume_lets_go(string runtime)
    {
        using TestContainer container = TestContainer.Run(Forever, new(Runtime: Program(runtime)));
        using SupervisorConnection client = container.Connect();
        client.Pause();
        Assert.Equal((ContainerStatus.Paused, ContainerStatus.Paused), (client.State().Status, container.State.Status));
        using (Cgroup cgroup = Cgroup.FromPaths(container.State.Cgroups))
            Assert.True(cgroup.IsFrozen);
        Assert.Equal(ContainerErrorKind.Conflict, Assert.Throws<ContainerException>(() => client.Exec(TestContainer.ProcessOf(["/bin/true"]), [], detach: true)).Kind);
        client.Resume();
        Assert.Equal(ContainerStatus.Running, client.State().Status);
        client.Pause();
        Assert.Equal(137, client.Stop(SIG.KILL).ExitCode);
    }

    [Theory]
    [MemberData(nameof(Runtimes))]
    public void The_restart_policy_makes_it_again(string runtime)
    {
        using TestContainer container = TestContainer.Run("echo life; exit 3", new(Runtime: Program(runtime), Restart: "on-failure:2"));
        container.WaitForSupervisor();
        Assert.Equal((3, 2), (container.ExitRecord.ExitCode, container.ExitRecord.RestartCount));
        Assert.Equal(["life\n", "life\n", "life\n"], JsonFileLogTests.Records(container.LogPath).Select(r => r.Log));
    }

    [Theory]
    [MemberData(nameof(Runtimes))]
    public void A_health_check_is_an_exec_that_is_killed_with_what_it_started(string runtime)
    {
        using TestContainer container = TestContainer.Run(Forever, new(Runtime: Program(runtime), Health: HealthTests.Check("echo looked; test -e /tmp/good || sleep 5000", timeoutMs: 300, retries: 1)));
        Assert.Equal(HealthProbe.NotFinished, HealthTests.Until(container, state => state.Status == HealthStatus.Unhealthy).Log[^1].ExitCode);
        File.WriteAllText($"/proc/{container.Pid}/root/tmp/good", "");
        Assert.Equal("looked\n", HealthTests.Until(container, state => state.Status == HealthStatus.Healthy).Log[^1].Output);
    }

    [Theory]
    [MemberData(nameof(Runtimes))]
    public void One_whose_supervisor_was_killed_is_taken_over(string runtime)
    {
        using TestContainer container = TestContainer.Run("i=0; while :; do i=$((i + 1)); echo line $i; test -e /tmp/stop && exit 21; sleep 0.01; done", new(Runtime: Program(runtime)));
        UntilTheLogHas(container, "line 3\n");
        container.KillSupervisor();
        Assert.True(ProcStat.Read(container.Pid).IsAlive);
        container.Adopt();
        using SupervisorConnection client = container.Connect();
        client.Pause();
        container.KillSupervisor();
        container.Adopt();
        using SupervisorConnection after = container.Connect();
        Assert.Equal(ContainerStatus.Paused, after.State().Status);
        after.Resume();
        using (SupervisorConnection exec = container.Connect())
        {
            exec.Exec(TestContainer.ProcessOf(["/bin/sh", "-c", "echo > /tmp/stop"]), [], detach: false).Terminal?.Dispose();
            Assert.Contains(exec.WaitExit().ExitCode, (int[])[0, 137]); // it may go with the container that it ends
        }
        container.WaitForSupervisor();
        string[] lines = [.. JsonFileLogTests.Records(container.LogPath).Select(r => r.Log)];
        Assert.Equal(Enumerable.Range(1, lines.Length).Select(i => $"line {i}\n"), lines);
        Assert.False(File.Exists(Path.Combine(container.RunFolder, "oci", container.Id)), "the runtime has kept its state");
    }

    [Theory]
    [MemberData(nameof(Runtimes))]
    public void A_program_that_is_not_there_is_told_in_our_words(string runtime)
    {
        using TestContainer container = TestContainer.Prepare(["nope"], new(Runtime: Program(runtime)));
        container.Launch.SendNetwork(null);
        ContainerException missing = Assert.Throws<ContainerException>(() =>
        {
            container.Launch.WaitCreated();
            container.Start();
        });
        Assert.Equal((ContainerErrorKind.NotFound, "exec: \"nope\": executable file not found in $PATH", 127), (missing.Kind, missing.Message, container.Launch.Failure!.ExitCode));
    }

    [Fact]
    public void What_the_runtime_says_is_told_under_its_name()
    {
        Hooks hooks = new() { CreateRuntime = [new Hook { Path = "/bin/false" }] };
        using TestContainer container = TestContainer.Prepare(["/bin/true"], new(Runtime: Program("runc"), Hooks: hooks));
        container.Launch.SendNetwork(null);
        string message = Assert.Throws<ContainerException>(() => container.Launch.WaitCreated()).Message;
        Assert.StartsWith("runc create: ", message);
        Assert.Contains("hook #0", message);
        Assert.DoesNotContain('\n', message);
    }

    [Fact]
    public void One_that_is_no_program_is_said_before_anything_is_made()
    {
        using TestContainer container = TestContainer.Prepare(["/bin/true"], new(Runtime: "/etc/passwd"));
        container.Launch.SendNetwork(null);
        Assert.Equal("runtime '/etc/passwd' is not an executable file", Assert.Throws<ContainerException>(() => container.Launch.WaitCreated()).Message);
    }

    [Fact]
    public void One_that_tells_no_pid_of_an_exec_is_not_taken_to_mean_the_pid_before()
    {
        using TemporaryFolder folder = new();
        string script = folder["runtime"];
        File.WriteAllText(script, $"#!/bin/sh\ncase \" $* \" in *' exec '*) exit 0;; esac\nexec {Program("runcs")} \"$@\"\n");
        File.SetUnixFileMode(script, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        using TestContainer container = TestContainer.Run(Forever, new(Runtime: script));
        using SupervisorConnection client = container.Connect();
        ContainerException mute = Assert.Throws<ContainerException>(() => client.Exec(TestContainer.ProcessOf(["/bin/true"]), [], detach: true));
        Assert.Equal("runtime wrote no pid into its pid file", mute.Message);
        Assert.Equal(ContainerStatus.Running, client.State().Status);
    }

    [Fact]
    public void A_supervisor_that_is_killed_while_the_runtime_works_takes_it_along()
    {
        // A program that never answers stands for a runtime in the middle of its work.
        using TemporaryFolder folder = new();
        string script = folder["runtime"];
        File.WriteAllText(script, "#!/bin/sh\necho $$ > \"$0.pid\"\nexec sleep 1000\n");
        File.SetUnixFileMode(script, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        LinuxException.ThrowIfError(Sys.mknodat(Sys.AT_FDCWD, $"{script}.pid", S.IFIFO | 0x180 /* 0600 */, 0), "mknodat");
        using OwnedFd pids = FileIo.Open(Sys.AT_FDCWD, $"{script}.pid", O.RDONLY | O.NONBLOCK);
        using TestContainer container = TestContainer.Prepare(["/bin/true"], new(Runtime: script));
        container.Launch.SendNetwork(null);
        Assert.Equal(1, Sys.poll([new pollfd { fd = pids.Value, events = POLL.IN }], (int)TestContainer.Patience.TotalMilliseconds));
        byte[] pid = new byte[16];
        using OwnedFd runtime = OwnedFd.FromAnswer(Sys.pidfd_open(int.Parse(Encoding.ASCII.GetString(pid, 0, (int)Sys.read(pids.Value, pid)))), "pidfd_open");
        container.KillSupervisor();
        TestContainer.WaitForEnd(runtime);
        File.Delete(Path.Combine(container.RunFolder, ControlAddress.FileName)); // nobody was left to do it
    }

    private static string Program(string name)
    {
        string own = Path.Combine(Path.GetDirectoryName(SupervisorBinary.Require())!, name);
        if (File.Exists(own))
            return own;
        if (name == "crun" && CgroupLayout.Detect().Mode == CgroupMode.Hybrid)
            Assert.Skip("crun refuses hybrid cgroups");
        try
        {
            return RuntimeProgram.Resolve(name)!;
        }
        catch (ContainerException missing)
        {
            Assert.Skip(missing.Message);
            throw;
        }
    }

    private static void UntilTheLogHas(TestContainer container, string text)
    {
        using FileSystemWatcher watcher = new(container.ContainerFolder, "container.log") { EnableRaisingEvents = true };
        for (int turn = 0; turn < 200 && !JsonFileLogTests.Records(container.LogPath).Any(record => record.Log.Contains(text.TrimEnd('\n'))); turn++)
            watcher.WaitForChanged(WatcherChangeTypes.All, 100);
    }

    private static string ReadTerminal(OwnedFd terminal)
    {
        byte[] buffer = new byte[4096];
        StringBuilder all = new();
        while (Sys.read(terminal.Value, buffer) is > 0 and nint got)
            all.Append(Encoding.UTF8.GetString(buffer, 0, (int)got));
        return all.ToString();
    }
}
