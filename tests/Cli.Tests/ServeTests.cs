using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using Rundlet.Cli.Http;
using Rundlet.Syscalls;

namespace Rundlet.Cli.Tests;

public sealed partial class ServeTests
{
    [Fact]
    public void Scrapes_go_on_while_containers_start_stop_and_are_killed()
    {
        using Machine machine = new();
        using Process server = machine.Start("serve", "--metrics", "127.0.0.1:0", "--metrics-label", "team.name");
        int port = PortOf(server);
        machine.Run("run", "-d", "--name", "stays", "--network", "none", "-m", "64m", "--label", "team.name=a \"b\"\n\\c", "shell", "/bin/sleep", "600");
        List<Process> lives = [.. Enumerable.Range(0, 6).Select(i => machine.Start("run", "--rm", "--name", $"passing{i}", "--network", "none", "shell", "/bin/sh", "-c", "kill -9 $$"))];
        int scrapes = 0;
        while (scrapes < 5 || lives.Exists(life => !life.HasExited))
        {
            (int status, string page) = Get(port, "/metrics");
            Assert.Equal(200, status);
            CheckForm(page);
            Assert.Contains("name=\"stays\",image=\"shell\",container_label_team_name=\"a \\\"b\\\"\\n\\\\c\",state=\"running\"} 1\n", page);
            Assert.Contains("rundlet_scrape_part_success{part=\"containers\"} 1\n", page);
            Assert.True(++scrapes < 10_000, "they never end");
        }
        lives.ForEach(life => life.Dispose());
        machine.Run("kill", "stays");
        (_, string last) = Get(port, "/metrics");
        Assert.Contains("\nrundlet_containers{state=\"exited\"} 1\n", last);
        Assert.Contains("\nrundlet_images 1\n", last);
        Assert.Matches(@"\ncontainer_exit_code\{id=""[0-9a-f]{64}"",name=""stays"",[^}]*\} 137\n", last);
        Assert.DoesNotContain("container_memory_usage_bytes", last);
        End(server);
    }

    [Fact]
    public void Only_what_is_meant_for_it_is_answered()
    {
        using Machine machine = new();
        using Process server = machine.Start("serve", "--metrics", "127.0.0.1:0", "--metrics-host", "scrape.internal");
        int port = PortOf(server);
        Assert.Equal((200, "ok\n"), Get(port, "/healthz"));
        Assert.Equal(404, Get(port, "/").Status);
        Assert.Equal(404, Get(port, "/metrics/").Status);
        Assert.Equal(403, Get(port, "/metrics", "evil.example").Status);
        Assert.Equal(403, Get(port, "/healthz", "evil.example:9323").Status);
        Assert.Equal(200, Get(port, "/metrics", "scrape.internal").Status);
        (_, string open) = Get(port, "/metrics", "localhost\r\nAccept: application/openmetrics-text;version=1.0.0");
        Assert.EndsWith("\n# EOF\n", open);
        Assert.Contains("\nrundlet_http_requests_total{code=\"403\"} 2\n", open);
        End(server);
    }

    [Fact]
    public void A_killed_server_is_replaced_at_its_path_and_a_live_one_is_not()
    {
        using Machine machine = new();
        string path = $"{machine.Folder}/metrics.sock";
        using (Process killed = machine.Start("serve", "--metrics", $"unix:{path}"))
        {
            Assert.Equal($"metrics at unix:{path}, path /metrics", killed.StandardOutput.ReadLine());
            killed.Kill();
            killed.WaitForExit();
        }
        using Process server = machine.Start("serve", "--metrics", $"unix:{path}");
        Assert.NotNull(server.StandardOutput.ReadLine());
        Result second = machine.Run("serve", "--metrics", $"unix:{path}");
        Assert.Equal((1, $"rundlet: somebody listens at '{path}' already\n"), (second.Code, second.Error));
        Assert.Contains("rundlet_build_info{", Talk(new UnixDomainSocketEndPoint(path), AddressFamily.Unix, "/metrics", "any.name").Body);
        End(server);
        Assert.False(File.Exists(path));
    }

    [Fact]
    public void The_service_manager_is_told_of_readiness()
    {
        using Machine machine = new();
        using Socket notify = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { ReceiveTimeout = 30_000 };
        notify.Bind(new UnixDomainSocketEndPoint($"{machine.Folder}/notify"));
        machine.Variables["NOTIFY_SOCKET"] = $"{machine.Folder}/notify";
        using Process server = machine.Start("serve", "--metrics", "127.0.0.1:0");
        byte[] message = new byte[100];
        Assert.Equal("READY=1", Encoding.ASCII.GetString(message, 0, notify.Receive(message)));
        Assert.Equal(200, Get(PortOf(server), "/healthz").Status);
        End(server);
        Assert.Equal("STOPPING=1", Encoding.ASCII.GetString(message, 0, notify.Receive(message)));
        machine.Variables.Remove("NOTIFY_SOCKET");
        Result none = machine.Run("serve", "--metrics", "fd://");
        Assert.Equal((125, "rundlet: 'fd://' wants one socket of the service manager's, and there are 0"), (none.Code, none.Error.Split('\n')[0]));
    }

    [Fact]
    public void A_socket_of_the_service_manager_s_is_served()
    {
        using Machine machine = new();
        using ListenSocket socket = ListenSocket.Open(ListenAddress.Parse("127.0.0.1:0"));
        LinuxException.ThrowIfError(Sys.fcntl(socket.Fd.Value, F.SETFD, 0), "inherit");
        string script = $"exec 3<&{socket.Fd.Value}; export LISTEN_PID=$$ LISTEN_FDS=1; exec '{machine.Program}' serve --metrics fd://";
        using Process server = Process.Start(machine.StartInfo("bash", "-c", script))!;
        Assert.Equal("metrics at the socket of the service manager, path /metrics", server.StandardOutput.ReadLine());
        int port = new Uri(socket.Place).Port;
        Assert.Equal(200, Get(port, "/metrics").Status);
        Assert.Equal(403, Get(port, "/metrics", "evil.example").Status); // it is a port all the same
        End(server);
    }

    [Theory]
    [InlineData("'rundlet serve' needs something to serve: --metrics ADDRESS or --dns ADDRESS")]
    [InlineData("invalid address 'nowhere'", "--metrics", "nowhere")]
    [InlineData("cannot listen at '192.0.2.1:0': not an address of this host", "--metrics", "192.0.2.1:0")]
    [InlineData("--metrics-label: 'a.b' and 'a_b' would both be 'container_label_a_b'", "--metrics", "127.0.0.1:0", "--metrics-label", "a.b", "--metrics-label", "a_b")]
    [InlineData("'rundlet serve' takes no argument 'x'", "--metrics", "127.0.0.1:0", "x")]
    public void What_cannot_be_served_is_told_at_once(string message, params string[] flags)
    {
        using Machine machine = new();
        Result result = machine.Run(["serve", .. flags]);
        Assert.Equal((125, $"rundlet: {message}"), (result.Code, result.Error.Split('\n')[0]));
    }

    [Fact]
    public void Programs_of_the_host_are_told_the_names_of_containers_that_run()
    {
        using Machine machine = new();
        Assert.Equal(0, machine.Run("network", "create", "--subnet", "10.238.7.0/24", "front").Code);
        Assert.Equal(0, machine.Run("run", "-d", "--name", "web", "--network", "front:alias=www,ip=10.238.7.9", "shell", "/bin/sleep", "600").Code);
        using Process server = machine.Start("serve", "--dns", "127.0.0.1:0", "--metrics", "127.0.0.1:0");
        string line = server.StandardOutput.ReadLine() ?? throw new EndOfStreamException(server.StandardError.ReadToEnd());
        int port = int.Parse(Regex.Match(line, @"^names at 127\.0\.0\.1:(\d+)$").Groups[1].ValueSpan);
        Assert.Equal((200, "ok\n"), Get(PortOf(server), "/healthz"));
        foreach (string name in (string[])["web", "WEB.front", "www"])
            Assert.Equal((0, "10.238.7.9"), Ask(port, name));
        Assert.Equal(3, Ask(port, "example.com").Code);
        Assert.Equal(0, machine.Run("network", "create", "--subnet", "10.238.8.0/24", "back").Code);
        Assert.Equal(0, machine.Run("network", "connect", "--ip", "10.238.8.5", "back", "web").Code);
        Assert.Equal((0, "10.238.8.5"), Ask(port, "web.back"));
        Result taken = machine.Run("serve", "--dns", $"127.0.0.1:{port}");
        Assert.Equal((1, $"rundlet: port {port} of 127.0.0.1 is taken"), (taken.Code, taken.Error.Split('\n')[0].Split(": bind")[0]));
        Assert.Equal(125, machine.Run("serve", "--dns", "unix:/run/names").Code);
        Assert.Equal(0, machine.Run("rm", "-f", "web").Code);
        Assert.Equal(3, Ask(port, "web").Code);
        End(server);
    }

    // A question for an IPv4 address; the answer's code, and its first address.
    private static (int Code, string Address) Ask(int port, string name)
    {
        List<byte> question = [0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0];
        foreach (string label in name.Split('.'))
            question.AddRange([(byte)label.Length, .. Encoding.ASCII.GetBytes(label)]);
        question.AddRange([0, 0, 1, 0, 1]);
        using UdpClient client = new("127.0.0.1", port) { Client = { ReceiveTimeout = 30_000 } };
        client.Send(question.ToArray());
        System.Net.IPEndPoint? from = null;
        byte[] answer = client.Receive(ref from);
        Assert.Equal(question[..2], answer[..2]);
        return (answer[3] & 15, answer[7] == 0 ? "" : string.Join('.', answer[(question.Count + 12)..(question.Count + 16)]));
    }

    private static int PortOf(Process server)
    {
        string line = server.StandardOutput.ReadLine() ?? throw new EndOfStreamException(server.StandardError.ReadToEnd());
        return int.Parse(Regex.Match(line, @"^metrics at http://127\.0\.0\.1:(\d+)/metrics$").Groups[1].ValueSpan);
    }

    private static void End(Process server)
    {
        using Process term = Process.Start("kill", ["-TERM", server.Id.ToString()]);
        Result result = Machine.Finish(server);
        Assert.Equal((0, ""), (result.Code, result.Error));
    }

    private static (int Status, string Body) Get(int port, string path, string host = "127.0.0.1") => Talk(new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, port), AddressFamily.InterNetwork, path, host);

    private static (int Status, string Body) Talk(System.Net.EndPoint place, AddressFamily family, string path, string host)
    {
        using Socket socket = new(family, SocketType.Stream, ProtocolType.Unspecified) { ReceiveTimeout = 30_000 };
        socket.Connect(place);
        socket.Send(Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n"));
        using StreamReader reader = new(new NetworkStream(socket), Encoding.UTF8);
        string answer = reader.ReadToEnd();
        int body = answer.IndexOf("\r\n\r\n");
        return (int.Parse(answer.AsSpan(9, 3)), answer[(body + 4)..]);
    }

    // Each line is a comment or a sample, each family stands together behind its own comments, no sample comes twice.
    private static void CheckForm(string page)
    {
        HashSet<string> families = [], samples = [];
        string family = "";
        foreach (string line in page.TrimEnd('\n').Split('\n'))
        {
            if (line.StartsWith("# HELP "))
            {
                family = line.Split(' ')[2];
                Assert.True(families.Add(family), $"{family} comes twice");
                continue;
            }
            if (line.StartsWith("# TYPE "))
            {
                Assert.Matches($"^# TYPE {family} (counter|gauge)$", line);
                continue;
            }
            Match sample = Sample().Match(line);
            Assert.True(sample.Success, line);
            Assert.Equal(family, sample.Groups[1].Value);
            Assert.True(samples.Add(line[..line.LastIndexOf(' ')]), line);
            Assert.True(double.Parse(sample.Groups[2].Value, System.Globalization.CultureInfo.InvariantCulture) >= 0, line);
        }
    }

    [GeneratedRegex("""^([a-z_]+)(?:\{(?:[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*",?)+\})? (-?[0-9.E+-]+)$""")]
    private static partial Regex Sample();
}
