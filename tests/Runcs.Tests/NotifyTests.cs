using System.Net.Sockets;
using System.Text;

namespace Rundlet.Runcs.Tests;

/// <summary>What service managers give to a runtime for the program in the container: sd_notify(3) and sd_listen_fds(3).</summary>
public sealed class NotifyTests : ContainerTest
{
    [Fact]
    [SpecRow("cli.notifySocket")]
    public void Start_waits_until_the_program_is_ready_and_says_who_it_is()
    {
        RuntimeProgram.SkipUnlessOurs();
        using Manager manager = new($"{Scratch}/manager");
        TestContainer container = Container().Script("echo $NOTIFY_SOCKET; while [ ! -e /bin/go ]; do sleep 0.1; done; nsend; exec sleep 1000");
        AddSender(container, "MAINPID=1\nFDSTORE=1\nREADY=1\nSTATUS=fine");
        container.Save();
        WithSocket(container, manager, "create", "-b", container.Bundle, container.Id).Good();
        int pid = container.Pid();
        using BoundedProcess start = Begin(container, manager, "start", container.Id);
        Assert.Equal("", manager.Poll(TimeSpan.FromMilliseconds(300)));
        Assert.False(start.HasEnded);
        File.WriteAllText($"{container.Rootfs}/bin/go", "");
        Assert.Equal($"MAINPID={pid}\nREADY=1\nSTATUS=fine\n", manager.Poll(BoundedProcess.Patience));
        start.Wait().Good();
        Assert.Equal("running", container.Status());
    }

    [Fact]
    public void Run_passes_readiness_on_while_it_waits()
    {
        RuntimeProgram.SkipUnlessOurs();
        using Manager manager = new($"{Scratch}/manager");
        TestContainer container = Container().Script("nsend; exec sleep 0.1");
        AddSender(container, "READY=1");
        container.Save();
        WithSocket(container, manager, "run", "-b", container.Bundle, container.Id).Good();
        Assert.Equal("READY=1\n", manager.Poll(BoundedProcess.Patience));
    }

    [Fact]
    public void A_program_that_ends_without_a_word_does_not_hold_the_start()
    {
        RuntimeProgram.SkipUnlessOurs();
        using Manager manager = new($"{Scratch}/manager");
        TestContainer container = Container().Script("exit 0");
        container.Save();
        WithSocket(container, manager, "create", "-b", container.Bundle, container.Id).Good();
        WithSocket(container, manager, "start", container.Id).Good();
        Assert.Equal("", manager.Poll(TimeSpan.Zero));
    }

    [Fact]
    public void Without_a_socket_the_program_has_none_and_no_variable_of_the_caller()
    {
        TestContainer container = Container().Script("env; ls -d /run/notify");
        container.Save();
        Finished ended = Begin(container, ["_OCI_SYNCPIPE=3", "_OCI_STARTPIPE=4", "LISTEN_FDS=1", "LISTEN_PID=1", "NOTIFY_SOCKET="], "", ["run", "-b", container.Bundle, container.Id]).Wait();
        Assert.DoesNotContain("_OCI", ended.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("LISTEN", ended.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("NOTIFY", ended.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("/run/notify", ended.Output, StringComparison.Ordinal);
    }

    [Theory]
    [SpecRow("cli.listenFds")]
    [InlineData(true)]
    [InlineData(false)]
    public void Activated_sockets_reach_the_program_with_its_own_pid(bool ownPids)
    {
        RuntimeProgram.SkipUnlessOurs("runc says 1 whatever the pid is, and keeps the names to itself");
        TestContainer container = Container().Script("echo $LISTEN_FDS $LISTEN_FDNAMES $LISTEN_PID $$; cat <&3; ls /proc/self/fd | tr '\\n' ' '");
        if (!ownPids)
            container.RemoveNamespace("pid").Mounts.RemoveAt(0);
        if (!ownPids)
            container.Mount("/proc", "bind", "/proc", "rbind");
        container.Save();
        File.WriteAllText($"{Scratch}/file", "activated\n");
        string[] lines = Begin(container, ["LISTEN_FDS=1", "LISTEN_FDNAMES=web"], $"3<{Scratch}/file 4<{Scratch}/file", ["run", "-b", container.Bundle, container.Id], pid: true).Wait().Good().Lines;
        string[] words = lines[0].Split(' ');
        Assert.Equal(["1", "web"], words[..2]);
        Assert.Equal(words[3], words[2]);
        Assert.Equal(ownPids, words[2] == "1");
        Assert.Equal("activated", lines[1]);
        Assert.Equal("0 1 2 3 4", lines[2].Trim()); // 4 is the folder that ls reads
    }

    // Busybox has no tool that sends a datagram to a unix socket.
    private static void AddSender(TestContainer container, string text)
    {
        string? python = new[] { "/usr/bin/python3", "/usr/bin/perl" }.FirstOrDefault(File.Exists);
        if (python is null)
            Assert.Skip("needs perl or python3 to send a datagram");
        foreach (string folder in (string[])["/usr", "/lib", "/lib64"])
        {
            if (Directory.Exists(folder))
                container.Mount(folder, "bind", folder, "rbind", "ro");
        }
        string code = python.EndsWith("python3", StringComparison.Ordinal)
            ? "import os,socket\nsocket.socket(socket.AF_UNIX,socket.SOCK_DGRAM).sendto(b'''" + text + "''',os.environ['NOTIFY_SOCKET'])\n"
            : "use Socket; socket(S,AF_UNIX,SOCK_DGRAM,0); send(S,\"" + text.Replace("\n", "\\n", StringComparison.Ordinal) + "\",0,pack_sockaddr_un($ENV{NOTIFY_SOCKET}))||die $!;\n";
        TestRootfs.WriteScript($"{container.Rootfs}/bin/nsend", $"#!{python}\n{code}");
    }

    private static Finished WithSocket(TestContainer container, Manager manager, params string[] words)
    {
        using BoundedProcess process = Begin(container, manager, words);
        return process.Wait();
    }

    private static BoundedProcess Begin(TestContainer container, Manager manager, params string[] words) =>
        Begin(container, [$"NOTIFY_SOCKET={manager.Path}"], "", words);

    private static int s_runs;

    private static BoundedProcess Begin(TestContainer container, string[] environment, string redirections, string[] words, bool pid = false) =>
        BoundedProcess.Start($"{container.Folder}/{container.Id}.n{Interlocked.Increment(ref s_runs)}",
            ["sh", "-c", (pid ? "export LISTEN_PID=$$; " : "") + "exec env \"$@\"", "sh", .. environment, RuntimeProgram.Path, "--root", container.StateRoot, .. words], redirections);

    private sealed class Manager : IDisposable
    {
        private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);

        public Manager(string path)
        {
            Path = path;
            _socket.Bind(new UnixDomainSocketEndPoint(path));
        }

        public string Path { get; }

        public string Poll(TimeSpan patience)
        {
            if (!_socket.Poll(patience, SelectMode.SelectRead))
                return "";
            byte[] buffer = new byte[4096];
            return Encoding.UTF8.GetString(buffer, 0, _socket.Receive(buffer));
        }

        public void Dispose()
        {
            _socket.Dispose();
            File.Delete(Path);
        }
    }
}
