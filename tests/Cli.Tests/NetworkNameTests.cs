using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Rundlet.Dns.Tests;

namespace Rundlet.Cli.Tests;

/// <summary>Names as a program in a container sees them: its supervisor's server at 127.0.0.11.</summary>
public sealed class NetworkNameTests(ITestOutputHelper output)
{
    private const string Example = "192.0.2.80";
    private static readonly IPEndPoint s_nameserver = new(IPAddress.Parse("127.0.0.11"), 53);

    [Fact]
    public void Containers_find_each_other_by_all_their_names_and_addresses()
    {
        using Machine machine = new();
        Must(machine, "network", "create", "--ipv6", "--subnet", "10.245.0.0/24", "--subnet", "fd00:245::/64", "front");
        Must(machine, "network", "create", "--subnet", "10.246.0.0/24", "back");
        string web = Must(machine, "run", "-d", "--name", "web", "--network", "front:ip=10.245.0.9,ip6=fd00:245::9,alias=site", "--hostname", "box", "shell", "sleep", "1000").Trim();
        string other = Must(machine, "run", "-d", "--name", "other", "--network", "front:ip=10.245.0.10,alias=site", "shell", "sleep", "1000").Trim();
        Must(machine, "run", "-d", "--name", "asker", "--network", "front", "shell", "sleep", "1000");
        Must(machine, "run", "-d", "--name", "stranger", "--network", "back", "--dns", "192.0.2.1", "shell", "sleep", "1000");
        using InsideNetwork inside = new(machine, "asker");
        foreach (string name in (string[])["web", "WEB", "box", web[..12], "web.front"])
        {
            Assert.Equal(["10.245.0.9"], inside.Ask(name).Addresses);
            Assert.Equal(["fd00:245::9"], inside.Ask(name, "AAAA").Addresses);
        }
        Assert.Contains("PTR 5 web.front", inside.Ask("9.0.245.10.in-addr.arpa", "PTR").Records);
        Assert.Contains("PTR 5 web.front", inside.Ask("9.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.5.4.2.0.0.0.d.f.ip6.arpa", "PTR").Records);
        List<string>[] turns = [.. Enumerable.Range(0, 4).Select(_ => inside.Ask("site").Addresses)];
        Assert.All(turns, turn => Assert.Equal(["10.245.0.10", "10.245.0.9"], turn.Order(StringComparer.Ordinal)));
        Assert.Equal(2, turns.Select(turn => turn[0]).Distinct().Count()); // each time another one first
        using (InsideNetwork elsewhere = new(machine, "stranger"))
            Assert.NotEqual(0, elsewhere.Ask("web").Rcode);

        Must(machine, "network", "connect", "--alias", "late", "front", "stranger");
        using (InsideNetwork elsewhere = new(machine, "stranger"))
            Assert.Equal(["10.245.0.9"], elsewhere.Ask("web").Addresses);
        Assert.Single(inside.Ask("late").Addresses);
        Must(machine, "stop", "-t", "0", "other");
        Assert.Equal(["10.245.0.9"], inside.Ask("site").Addresses);
        LifeTests.KillSupervisor(machine, IdOf(machine, "asker"));
        Must(machine, "ps"); // adopts it: another supervisor answers
        Assert.Equal(["10.245.0.9"], inside.Ask("web").Addresses);
        Assert.NotEqual(other, web);
    }

    [Fact]
    public void Other_names_are_asked_of_the_nameserver_and_what_it_cuts_is_got_by_tcp()
    {
        using Machine machine = new();
        Must(machine, "network", "create", "--subnet", "10.247.0.0/24", "front");
        using Socket datagrams = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp), listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        datagrams.Bind(new IPEndPoint(IPAddress.Parse("10.247.0.1"), 53));
        listener.Bind(datagrams.LocalEndPoint!);
        listener.Listen();
        Thread[] serving = [Serve(() => ServeDatagrams(datagrams)), Serve(() => ServeStreams(listener))];
        Must(machine, "run", "-d", "--name", "asker", "--network", "front", "--dns", "10.247.0.1", "shell", "sleep", "1000");
        using InsideNetwork inside = new(machine, "asker");
        Assert.Equal([Example], inside.Ask("www.example").Addresses);
        Message whole = inside.Ask("big.example", edns: 4096);
        Assert.Equal((false, 100), (whole.IsTruncated, whole.Answers));
        Assert.True(inside.Ask("big.example").IsTruncated); // more than 512 bytes
        datagrams.Dispose();
        listener.Dispose();
        Assert.Equal(2, inside.Ask("gone.example").Rcode);
        Assert.All(serving, thread => Assert.True(thread.Join(10_000)));
    }

    [Theory]
    [InlineData("quiet")]
    [InlineData("00000000.example")] // another one each time, asked of a nameserver that is silent
    public void A_flood_of_questions_from_one_container_is_its_own_trouble(string name)
    {
        const int seconds = 4;
        using Machine machine = new();
        Must(machine, "network", "create", "--subnet", "10.249.0.0/24", "front");
        using Socket silent = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        silent.Bind(new IPEndPoint(IPAddress.Parse("10.249.0.1"), 53));
        string loud = Must(machine, "run", "-d", "--name", "loud", "--network", "front", "--dns", "10.249.0.1", "shell", "sleep", "1000").Trim();
        Must(machine, "run", "-d", "--name", "quiet", "--network", "front", "shell", "sleep", "1000");
        using InsideNetwork inside = new(machine, "loud"), elsewhere = new(machine, "quiet");
        int supervisor = LifeTests.StateOf(machine, loud).SupervisorPid;
        Assert.Single(inside.Ask("quiet").Addresses);
        long before = ResidentOf(supervisor);
        double calm = Latencies(elsewhere, TimeSpan.FromSeconds(1))[^1];

        long sent = 0;
        bool isOver = false;
        Thread[] flood = [.. Enumerable.Range(0, 1).Select(_ => new Thread(() =>
        {
            using Socket socket = inside.Open(AddressFamily.InterNetwork, SocketType.Dgram);
            socket.Connect(s_nameserver);
            byte[] question = Message.Query(name);
            while (!Volatile.Read(ref isOver))
            {
                for (int i = 0, count = (int)sent; i < 8 && name[0] == '0'; i++, count >>= 4)
                    question[13 + i] = (byte)('a' + (count & 15));
                socket.Send(question);
                Interlocked.Increment(ref sent);
            }
        }))];
        Array.ForEach(flood, thread => thread.Start());
        List<double> loudly = Latencies(elsewhere, TimeSpan.FromSeconds(seconds));
        isOver = true;
        Array.ForEach(flood, thread => thread.Join());
        Assert.Single(inside.Ask("quiet").Addresses);
        long after = ResidentOf(supervisor);
        output.WriteLine($"{name}: {sent / seconds} questions a second; supervisor {before} KiB before, {after} KiB after; the other container's answers: "
            + $"at most {calm:F2} ms before, median {loudly[loudly.Count / 2]:F2} ms, 99 % {loudly[loudly.Count * 99 / 100]:F2} ms, at most {loudly[^1]:F2} ms meanwhile ({loudly.Count})");
        Assert.True(sent / seconds > 5000, $"{sent / seconds} a second is no flood");
        Assert.InRange(after - before, long.MinValue, 4096);
        Assert.InRange(loudly[loudly.Count * 99 / 100], 0, 1000); // ms; on a machine that does nothing else it is ten
    }

    // Of questions one after the other, in milliseconds, the shortest first.
    private static List<double> Latencies(InsideNetwork inside, TimeSpan time)
    {
        List<double> all = [];
        using Socket socket = inside.Open(AddressFamily.InterNetwork, SocketType.Dgram);
        socket.Connect(s_nameserver);
        byte[] question = Message.Query("loud"), answer = new byte[512];
        for (long began = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(began) < time;)
        {
            long asked = Stopwatch.GetTimestamp();
            socket.Send(question);
            Assert.Single(new Message(answer[..socket.Receive(answer)]).Addresses);
            all.Add(Stopwatch.GetElapsedTime(asked).TotalMilliseconds);
            Assert.False(socket.Poll(5000, SelectMode.SelectRead)); // one that asks now and then, and is answered once
        }
        all.Sort();
        return all;
    }

    private static long ResidentOf(int pid) => long.Parse(
        File.ReadLines($"/proc/{pid}/status").First(line => line.StartsWith("VmRSS:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);

    private static byte[] Answer(byte[] question, bool isStream)
    {
        bool isBig = new Message(question).Question == "big.example";
        byte[] answer = Message.Reply(question, 0, [.. Enumerable.Range(0, isBig ? isStream ? 100 : 2 : 1).Select(i => $"A 300 192.0.2.{80 + i}")]);
        answer[2] |= (byte)(isBig && !isStream ? 2 : 0);
        return answer;
    }

    private static Thread Serve(Action one)
    {
        Thread thread = new(() =>
        {
            try
            {
                while (true)
                    one();
            }
            catch (Exception ended) when (ended is SocketException or ObjectDisposedException)
            {
                _ = ended; // ignored: the test is over
            }
        });
        thread.Start();
        return thread;
    }

    private static void ServeDatagrams(Socket socket)
    {
        byte[] buffer = new byte[4096];
        EndPoint client = new IPEndPoint(IPAddress.Any, 0);
        int got = socket.ReceiveFrom(buffer, ref client);
        socket.SendTo(Answer(buffer[..got], isStream: false), client);
    }

    private static void ServeStreams(Socket listener)
    {
        byte[] buffer = new byte[4096];
        using Socket client = listener.Accept();
        int got = client.Receive(buffer);
        byte[] answer = Answer(buffer[2..got], isStream: true);
        client.Send([(byte)(answer.Length >> 8), (byte)answer.Length, .. answer]);
    }

    private static string IdOf(Machine machine, string name) => Must(machine, "inspect", "-f", "{{.Id}}", name).Trim();

    private static string Must(Machine machine, params string[] words) => NetworkTests.Must(machine, words);
}
