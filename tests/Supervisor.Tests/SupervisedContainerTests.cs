using System.Text;
using Rundlet.Linux;
using Rundlet.Linux.Proc;
using Rundlet.Runtime;
using Rundlet.Runtime.Supervision;
using Rundlet.Syscalls;

namespace Rundlet.Supervisor.Tests;

public sealed class SupervisedContainerTests
{
    private const string Forever = "while :; do sleep 1000; done";

    [Fact]
    public void Output_is_in_the_log_and_reaches_who_attached_before_the_start()
    {
        using TestContainer container = TestContainer.Create(["/bin/sh", "-c", "echo out; echo err >&2; printf end"]);
        using SupervisorConnection client = container.Attach();
        container.Start();

        (string stdout, string stderr, ExitRecord exit) = TestContainer.ReadToEnd(client);
        container.WaitForSupervisor();

        Assert.Equal(("out\nend", "err\n", 0), (stdout, stderr, exit.ExitCode));
        List<(string Log, string Stream, string Time)> records = JsonFileLogTests.Records(container.LogPath);
        Assert.Equal(["out\n", "end"], records.Where(r => r.Stream == "stdout").Select(r => r.Log));
        Assert.Equal(["err\n"], records.Where(r => r.Stream == "stderr").Select(r => r.Log));
    }

    [Fact]
    public void Two_megabytes_reach_a_client_and_the_log_without_loss()
    {
        using TestContainer container = TestContainer.Create(["/bin/seq", "300000"]);
        using SupervisorConnection client = container.Attach();
        container.Start();

        (string stdout, _, ExitRecord exit) = TestContainer.ReadToEnd(client);
        container.WaitForSupervisor();

        Assert.Equal(0, exit.ExitCode);
        Assert.Equal(string.Concat(Enumerable.Range(1, 300_000).Select(i => $"{i}\n")), stdout);
        Assert.Equal(stdout, string.Concat(JsonFileLogTests.Records(container.LogPath).Select(r => r.Log)));
    }

    [Theory]
    [InlineData("exit 0", 0, null)]
    [InlineData("exit 7", 7, null)]
    [InlineData("exit 255", 255, null)]
    public void The_exit_code_is_the_programs_own(string script, int exitCode, int? signal)
    {
        using TestContainer container = TestContainer.Create(["/bin/sh", "-c", script]);
        using SupervisorConnection client = container.Attach();
        container.Start();

        ExitRecord told = TestContainer.ReadToEnd(client).Exit;
        container.WaitForSupervisor();

        Assert.Equal((exitCode, signal), (told.ExitCode, told.Signal));
        Assert.Null(told.Error);
        Assert.Equivalent(told, container.ExitRecord, strict: true);
        Assert.Equivalent(told, ExitRecord.Read(File.ReadAllBytes(Path.Combine(container.ContainerFolder, ExitRecord.FileName))), strict: true);
        Assert.True(told.StartedAt <= told.FinishedAt);
    }

    [Fact]
    public async Task A_signal_counts_as_128_and_its_number()
    {
        using TestContainer container = TestContainer.Run(Forever);
        using SupervisorConnection waiting = container.Connect();
        Task<ExitRecord> exit = Task.Run(() => waiting.Wait());
        using SupervisorConnection client = container.Connect();
        client.Signal(SIG.KILL);

        ExitRecord record = await exit.WaitAsync(TestContainer.Patience);

        Assert.Equal((137, (int?)SIG.KILL), (record.ExitCode, record.Signal));
    }

    [Fact]
    public void Stop_lets_a_container_end_that_obeys()
    {
        using TestContainer container = TestContainer.Create(["/bin/sh", "-c", "trap 'echo bye; exit 3' TERM; echo ready; while :; do sleep 1000 & wait; done"]);
        using SupervisorConnection attached = container.Attach();
        container.Start();
        TestContainer.ReadUntil(attached, "ready\n");
        using SupervisorConnection client = container.Connect();

        ExitRecord record = client.Stop(timeoutMs: 20_000);

        Assert.Equal((3, "bye\n"), (record.ExitCode, TestContainer.ReadToEnd(attached).Stdout));
    }

    [Fact]
    public void Stop_kills_a_container_that_does_not_obey()
    {
        using TestContainer container = TestContainer.Create(["/bin/sh", "-c", $"trap '' TERM; echo ready; {Forever}"]);
        using SupervisorConnection attached = container.Attach();
        container.Start();
        TestContainer.ReadUntil(attached, "ready\n");
        using SupervisorConnection client = container.Connect();

        ExitRecord record = client.Stop(timeoutMs: 50);

        Assert.Equal((137, (int?)SIG.KILL), (record.ExitCode, record.Signal));
    }

    [Fact]
    public void A_supervisor_asked_to_end_stops_its_container()
    {
        using TestContainer container = TestContainer.Create(["/bin/sh", "-c", "trap 'exit 4' TERM; echo ready; while :; do sleep 1000 & wait; done"]);
        using SupervisorConnection attached = container.Attach();
        container.Start();
        TestContainer.ReadUntil(attached, "ready\n");

        Assert.Equal(0, Sys.kill(container.SupervisorPid, SIG.TERM));

        Assert.Equal(4, TestContainer.ReadToEnd(attached).Exit.ExitCode);
    }

    [Fact]
    public void A_supervisor_asked_to_end_while_clients_take_the_last_of_the_output_leaves_the_exit_record()
    {
        using TestContainer container = TestContainer.Create(["/bin/seq", "60000"]);
        using SupervisorConnection slow = container.Attach();
        using SupervisorConnection waiting = container.Connect();
        using CancellationTokenSource limit = new(TestContainer.Patience);
        container.Start();
        Assert.Equal(0, waiting.Wait(limit.Token).ExitCode);
        Assert.False(File.Exists(Path.Combine(container.ContainerFolder, ExitRecord.FileName)) && ExitRecord.TryReadIn(container.ContainerFolder) is { IsLost: false });

        Assert.Equal(0, Sys.kill(container.SupervisorPid, SIG.TERM));
        Assert.Equal(0, Sys.kill(container.SupervisorPid, SIG.TERM));
        Assert.Equal(60_000, TestContainer.ReadToEnd(slow).Stdout.Count(c => c == '\n'));
        container.WaitForSupervisor();

        Assert.Equal(0, ExitRecord.TryReadIn(container.ContainerFolder)!.ExitCode);
        Assert.False(ExitRecord.TryReadIn(container.ContainerFolder)!.IsLost);
        Assert.False(File.Exists(Path.Combine(container.RunFolder, "supervisor.log")));
    }

    [Fact]
    public async Task Stdin_reaches_the_container_and_ends()
    {
        using TestContainer container = TestContainer.Create(["/bin/cat"], new(Stdin: true));
        using SupervisorConnection client = container.Attach(stdin: true);
        container.Start();
        string text = string.Concat(Enumerable.Range(0, 60_000).Select(i => $"line {i}\n")); // more than all the buffers on the way hold
        Task<bool> sending = Task.Run(() => client.WriteStdin(Encoding.ASCII.GetBytes(text)) && client.EndStdin());

        (string stdout, _, ExitRecord exit) = TestContainer.ReadToEnd(client);

        Assert.True(await sending.WaitAsync(TestContainer.Patience));
        Assert.Equal(0, exit.ExitCode);
        Assert.Equal(text, stdout);
    }

    [Fact]
    public void Without_stdin_it_is_empty()
    {
        using TestContainer container = TestContainer.Create(["/bin/sh", "-c", "cat; readlink /proc/self/fd/0"]);
        using SupervisorConnection client = container.Attach();
        container.Start();

        Assert.Equal("/dev/null\n", TestContainer.ReadToEnd(client).Stdout);
    }

    [Fact]
    public void Stdin_ends_with_its_only_client()
    {
        using TestContainer container = TestContainer.Create(["/bin/cat"], new(Stdin: true));
        using SupervisorConnection waiting = container.Attach();
        container.Start();
        using (SupervisorConnection client = container.Attach(stdin: true))
            client.WriteStdin("last words"u8);

        Assert.Equal("last words", TestContainer.ReadToEnd(waiting).Stdout);
    }

    [Fact]
    public void A_terminal_gives_its_bytes_raw_and_has_a_size()
    {
        using TestContainer container = TestContainer.Create(["/bin/sh", "-c", "echo start; read word; stty size; echo \"<$word>\""], new(Terminal: true));
        using SupervisorConnection client = container.Attach(stdin: true);
        container.Start();
        TestContainer.ReadUntil(client, "start\r\n");
        Assert.True(client.Resize(33, 99));
        Assert.True(client.WriteStdin("hi\n"u8));

        (string stdout, string stderr, ExitRecord exit) = TestContainer.ReadToEnd(client);
        container.WaitForSupervisor();

        Assert.Equal(("hi\r\n33 99\r\n<hi>\r\n", "", 0), (stdout, stderr, exit.ExitCode));
        Assert.Equal(["start\r\n", "hi\r\n", "33 99\r\n", "<hi>\r\n"], JsonFileLogTests.Records(container.LogPath).Select(r => r.Log));
    }

    [Fact]
    public void Exec_uses_the_fds_that_were_passed_and_no_log()
    {
        using TestContainer container = TestContainer.Run(Forever);
        using SupervisorConnection client = container.Connect();
        Assert.Equal(0, Sys.pipe2(out int reading, out int writing, 0));
        using OwnedFd output = new(reading);
        using (OwnedFd theirs = new(writing))
        using (OwnedFd nothing = FileIo.Open(Sys.AT_FDCWD, "/dev/null", O.RDWR))
            Assert.True(client.Exec(TestContainer.ProcessOf(["/bin/sh", "-c", "echo executed inside; exit 5"]), [nothing.Value, theirs.Value, theirs.Value], detach: false).Pid > 0);

        Assert.Equal("executed inside\n", Encoding.UTF8.GetString(FileIo.ReadAll(output.Value, "pipe")));
        Assert.Equal(5, client.WaitExit().ExitCode);
        Assert.Equal(0, new FileInfo(container.LogPath).Length);
    }

    [Fact]
    public void Exec_with_a_terminal_hands_its_master_side_over()
    {
        using TestContainer container = TestContainer.Run(Forever);
        using SupervisorConnection client = container.Connect();

        ExecReply reply = client.Exec(TestContainer.ProcessOf(["/bin/sh", "-c", "test -t 0 && echo yes"], terminal: true), [], detach: false);

        using OwnedFd terminal = reply.Terminal!;
        Span<byte> text = stackalloc byte[64];
        nint got = Sys.read(terminal.Value, text);
        Assert.Equal("yes\r\n", Encoding.UTF8.GetString(text[..(int)got]));
        Assert.Equal(0, client.WaitExit().ExitCode);
    }

    [Theory]
    [InlineData("/bin/none", ContainerErrorKind.NotFound, 127)]
    [InlineData("none", ContainerErrorKind.NotFound, 127)]
    [InlineData("/etc/not-a-program", ContainerErrorKind.PermissionDenied, 126)]
    public void Exec_of_what_is_no_program_is_refused_and_harmless(string program, ContainerErrorKind kind, int exitCode)
    {
        using TestContainer container = TestContainer.Run(Forever);
        using SupervisorConnection client = container.Connect();

        Assert.Equal(kind, Assert.Throws<ContainerException>(() => client.Exec(TestContainer.ProcessOf([program]), [], detach: true)).Kind);
        Assert.Equal(exitCode, client.Failure!.ExitCode);
        Assert.Equal(ContainerStatus.Running, client.State().Status);
    }

    [Theory]
    [InlineData("/bin/none", ContainerErrorKind.NotFound, 127)]
    [InlineData("/etc/not-a-program", ContainerErrorKind.PermissionDenied, 126)]
    public void A_container_of_what_is_no_program_leaves_nothing(string program, ContainerErrorKind kind, int exitCode)
    {
        TestContainer? container = null;
        ContainerException failed = Assert.Throws<ContainerException>(() =>
        {
            container = TestContainer.Prepare([program]);
            container.Launch.SendNetwork(null);
            container.Launch.WaitCreated();
            container.Start();
        });
        using (container)
        {
            container!.WaitForSupervisor();
            Assert.Equal((kind, exitCode), (failed.Kind, container.Launch.Failure!.ExitCode));
            Assert.Empty(Directory.GetFileSystemEntries(container.RunFolder));
            Assert.DoesNotContain(MountInfo.Read(), mount => mount.Type is "cgroup" or "cgroup2" && Directory.Exists($"{mount.Point}/{container.Id}"));
        }
    }

    [Fact]
    public void A_paused_container_stands_still_and_refuses_exec()
    {
        using TestContainer container = TestContainer.Run(Forever);
        using SupervisorConnection client = container.Connect();
        client.Pause();

        Assert.Equal(ContainerStatus.Paused, client.State().Status);
        Assert.Equal(ContainerErrorKind.Conflict, Assert.Throws<ContainerException>(() => client.Exec(TestContainer.ProcessOf(["/bin/true"]), [], detach: true)).Kind);
        client.Resume();
        Assert.Equal(ContainerStatus.Running, client.State().Status);
        client.Pause();
        Assert.Equal(137, client.Stop(SIG.KILL).ExitCode);
    }

    [Fact]
    public void A_killed_supervisor_leaves_the_container_running()
    {
        using TestContainer container = TestContainer.Run($"exec >/dev/null 2>&1; {Forever}");
        using OwnedFd init = OwnedFd.FromAnswer(Sys.pidfd_open(container.Pid), "pidfd_open");
        ContainerRuntimeState state = container.State;
        Assert.Equal(0, Sys.kill(container.SupervisorPid, SIG.KILL));
        container.WaitForSupervisor();

        Assert.Equal(state.PidStartTime, ProcStat.Read(container.Pid).StartTime);
        Assert.True(ProcStat.Read(container.Pid).IsAlive);
        Assert.Null(SupervisorConnection.TryOpen(container.RunFolder));
        Assert.Equal(0, Sys.pidfd_send_signal(init.Value, SIG.KILL));
        TestContainer.WaitForEnd(init);
        // What the engine's next command does.
        Linux.Cgroups.Cgroup.FromPaths(state.Cgroups).Remove(kill: true);
        File.Delete(Path.Combine(container.RunFolder, ControlAddress.FileName));
    }

    [Fact]
    public void An_engine_that_dies_before_the_start_leaves_nothing()
    {
        using TestContainer container = TestContainer.Create(["/bin/sh", "-c", Forever]);
        using OwnedFd init = OwnedFd.FromAnswer(Sys.pidfd_open(container.Pid), "pidfd_open");
        string[] cgroups = [.. container.State.Cgroups.Values.Distinct()];
        Assert.NotEmpty(cgroups);
        Assert.All(cgroups, cgroup => Assert.True(Directory.Exists(cgroup)));

        container.Launch.Dispose();
        container.WaitForSupervisor();

        TestContainer.WaitForEnd(init);
        Assert.DoesNotContain(cgroups, Directory.Exists);
        Assert.Empty(Directory.GetFileSystemEntries(container.RunFolder));
    }

    [Fact]
    public void An_engine_that_dies_before_the_network_is_there_leaves_nothing()
    {
        using TestContainer container = TestContainer.Prepare(["/bin/true"]);
        container.Launch.Dispose();
        container.WaitForSupervisor();

        Assert.Empty(Directory.GetFileSystemEntries(container.RunFolder));
    }

    [Fact]
    public void A_container_killed_before_its_start_says_so_and_leaves_nothing()
    {
        using TestContainer container = TestContainer.Create(["/bin/true"]);
        using (SupervisorConnection client = container.Connect())
            client.Signal(SIG.KILL);
        container.WaitForSupervisor();

        Assert.Contains("killed before its start", Assert.Throws<ContainerException>(container.Start).Message);
        Assert.Empty(Directory.GetFileSystemEntries(container.RunFolder));
    }

    [Fact]
    public void A_supervisor_told_to_removes_the_folders()
    {
        using TestContainer container = TestContainer.Create(["/bin/sh", "-c", "echo x > /tmp/written"], new(OnExit: ExitPolicy.Remove));
        using SupervisorConnection client = container.Attach();
        container.Start();

        Assert.Equal(0, TestContainer.ReadToEnd(client).Exit.ExitCode);
        container.WaitForSupervisor();

        Assert.False(Directory.Exists(container.ContainerFolder));
        Assert.False(Directory.Exists(container.RunFolder));
    }

    [Fact]
    public void The_program_cannot_be_written_through_proc()
    {
        using TestContainer container = TestContainer.Create(["/bin/true"], new(OwnProgram: true));
        using OwnedFd program = FileIo.Open(Sys.AT_FDCWD, $"/proc/{container.Pid}/exe", O.PATH);
        container.Start();
        container.WaitForSupervisor();

        // As long as it runs, ETXTBSY protects it. An attacker keeps the fd until it does not.
        Assert.Equal(Errno.EROFS, Sys.ErrorOf(Sys.openat(Sys.AT_FDCWD, $"/proc/self/fd/{program.Value}", O.WRONLY)));
    }

    [Fact]
    public void Who_comes_as_the_container_ends_still_learns_how()
    {
        for (int round = 0; round < 10; round++)
        {
            using TestContainer container = TestContainer.Create(["/bin/sh", "-c", "exit 9"]);
            using SupervisorConnection client = container.Connect();
            container.Start();
            Assert.Equal(9, client.Wait().ExitCode);
        }
    }

    [Fact]
    public void Clients_hostile_and_hasty_lose_their_connection_only()
    {
        using TestContainer container = TestContainer.Run(Forever);
        int before = OpenFds(container);
        Random random = new(13);
        for (int round = 0; round < 200; round++)
        {
            using OwnedFd socket = HostileSocket(container);
            byte[] bytes = new byte[random.Next(1, 4000)];
            random.NextBytes(bytes);
            bytes[0] = (byte)random.Next(0, 11);
            _ = Sys.SendWithFds(socket.Value, bytes, random.Next(3) == 0 ? [0, 0, 0, 0] : [], MSG.NOSIGNAL); // ignored: the supervisor may have hung up
        }
        for (int round = 0; round < 20; round++)
        {
            using SupervisorConnection hasty = container.Attach();
            Assert.Null(hasty.Exec(TestContainer.ProcessOf(["/bin/true"]), [], detach: true).Terminal);
        }

        Assert.Equal(before, OpenFds(container));
    }

    [Fact]
    public void A_supervisor_is_one_thread()
    {
        using TestContainer container = TestContainer.Run(Forever);
        Assert.Single(Directory.GetDirectories($"/proc/{container.SupervisorPid}/task"));
    }

    [Fact]
    public void An_oversized_frame_ends_the_connection()
    {
        using TestContainer container = TestContainer.Run(Forever);
        using OwnedFd socket = HostileSocket(container);
        Assert.Equal(5, Sys.send(socket.Value, [1, 1, 0, 0x10, 0], MSG.NOSIGNAL));
        Assert.Equal(0, Sys.recv(socket.Value, new byte[16], 0));
    }

    [Fact]
    public void A_client_that_does_not_read_holds_the_container_up_and_loses_nothing()
    {
        using TestContainer container = TestContainer.Create(["/bin/seq", "400000"]);
        using SupervisorConnection slow = container.Attach();
        container.Start();
        using OwnedFd init = OwnedFd.FromAnswer(Sys.pidfd_open(container.Pid), "pidfd_open");
        // 2.7 MB do not fit into the socket, the client's bound and the pipe: without the reader the program cannot end.
        Assert.Equal(0, Sys.poll([new pollfd { fd = init.Value, events = POLL.IN }], 300));

        Assert.Equal(400_000, TestContainer.ReadToEnd(slow).Stdout.Count(c => c == '\n'));
    }

    private static OwnedFd HostileSocket(TestContainer container)
    {
        using OwnedFd folder = FileIo.Open(Sys.AT_FDCWD, container.RunFolder, O.PATH | O.DIRECTORY);
        OwnedFd socket = OwnedFd.FromAnswer(Sys.socket(AF.UNIX, SOCK.STREAM, 0), "socket");
        LinuxException.ThrowIfError(Sys.connect(socket.Value, ControlAddress.In(folder.Value)), "connect");
        return socket;
    }

    // The answer comes after the supervisor has seen all that happened before.
    private static int OpenFds(TestContainer container)
    {
        using SupervisorConnection client = container.Connect();
        for (int turn = 0; turn < 3; turn++)
            Assert.Equal(ContainerStatus.Running, client.State().Status);
        return Directory.GetFileSystemEntries($"/proc/{container.SupervisorPid}/fd").Length;
    }
}
