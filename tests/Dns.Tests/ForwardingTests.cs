using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Rundlet.Dns.Tests;

/// <summary>What a resolver asks of others, and whom it believes.</summary>
public sealed class ForwardingTests
{
    private static byte[] Good(byte[] query) => Message.Reply(query, 0, "A 300 192.0.2.80");

    [Fact]
    public void A_name_that_is_nobodys_is_asked_of_the_server_and_kept()
    {
        using FakeServer server = new(Good);
        using TestResolver resolver = new(server.EndPoint);
        Message first = resolver.Ask("Example.ORG"), second = resolver.Ask(Message.Query("example.org", id: 7));
        Assert.Equal(("Example.ORG", "192.0.2.80"), (first.Question, first.Addresses.Single()));
        Assert.Equal(("example.org", 7, "192.0.2.80"), (second.Question, second.Id, second.Addresses.Single()));
        Assert.Equal(1, server.Asked);
    }

    [Theory]
    [InlineData(3, "SOA 900 30", 1)]
    [InlineData(0, "SOA 900 30", 1)]
    [InlineData(3, "", 2)] // nothing says for how long
    [InlineData(0, "A 0 192.0.2.80", 2)]
    public void A_denial_is_kept_as_long_as_the_zone_says(int rcode, string record, int asked)
    {
        using FakeServer server = new(query => Message.Reply(query, rcode, record.Length > 0 ? [record] : []));
        using TestResolver resolver = new(server.EndPoint);
        Assert.Equal(rcode, resolver.Ask("no.example").Rcode);
        Assert.Equal(rcode, resolver.Ask("no.example").Rcode);
        Assert.Equal(asked, server.Asked);
    }

    [Fact]
    public void A_known_names_other_family_is_never_asked_of_others()
    {
        using FakeServer server = new(Good);
        using TestResolver resolver = new(server.EndPoint);
        resolver.Add("c1", ["web"], "172.30.0.2");
        Message answer = resolver.Ask("web", "AAAA");
        Assert.Equal((0, 0, 0), (answer.Rcode, answer.Answers, server.Asked));
    }

    [Fact]
    public void Answers_that_are_not_ours_are_not_believed()
    {
        using FakeServer server = new((query, _) =>
        {
            byte[] wrongId = Message.Reply(query, 0, "A 300 203.0.113.1"), wrongName = Message.Reply(Message.Query("evil.example"), 0, "A 300 203.0.113.2");
            wrongId[0] ^= 0x55;
            (wrongName[0], wrongName[1]) = (query[0], query[1]);
            return [wrongId, wrongName, [.. query[..2]], query, Good(query)];
        });
        using TestResolver resolver = new(server.EndPoint);
        Assert.Equal(["192.0.2.80"], resolver.Ask("example.org").Addresses);
    }

    [Fact]
    public void Each_question_has_another_number_and_another_port()
    {
        using FakeServer server = new(query => Message.Reply(query, 2));
        using TestResolver resolver = new(server.EndPoint);
        for (int i = 0; i < 30; i++)
            resolver.Ask($"n{i}.example");
        Assert.InRange(server.Seen.Select(one => one.Id).Distinct().Count(), 28, 30);
        Assert.InRange(server.Seen.Select(one => one.Port).Distinct().Count(), 20, 30);
        Assert.DoesNotContain(0x1234, server.Seen.Take(3).Select(one => one.Id));
    }

    [Fact]
    public void A_server_that_is_silent_is_followed_by_the_next()
    {
        using FakeServer silent = new((_, _) => []);
        using FakeServer server = new(Good);
        using TestResolver resolver = new(silent.EndPoint, server.EndPoint);
        long began = Stopwatch.GetTimestamp();
        Assert.Equal(["192.0.2.80"], resolver.Ask("example.org").Addresses);
        Assert.InRange(Stopwatch.GetElapsedTime(began).TotalSeconds, 1.8, 4);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    public void A_server_that_fails_is_followed_by_the_next_at_once(int rcode)
    {
        using FakeServer failing = new(query => Message.Reply(query, rcode));
        using FakeServer server = new(Good);
        using TestResolver resolver = new(failing.EndPoint, server.EndPoint);
        long began = Stopwatch.GetTimestamp();
        Assert.Equal(["192.0.2.80"], resolver.Ask("example.org").Addresses);
        Assert.InRange(Stopwatch.GetElapsedTime(began).TotalSeconds, 0, 1);
        using TestResolver alone = new(failing.EndPoint);
        Assert.Equal(rcode, alone.Ask("example.org").Rcode);
    }

    [Fact]
    public void Where_nobody_listens_the_failure_comes_at_once()
    {
        IPEndPoint nobody;
        using (FakeServer gone = new(Good))
            nobody = gone.EndPoint;
        using TestResolver resolver = new(nobody);
        long began = Stopwatch.GetTimestamp();
        Assert.Equal(2, resolver.Ask("example.org").Rcode);
        Assert.Equal(2, resolver.AskStream(Message.Query("example.org")).Single().Rcode);
        Assert.InRange(Stopwatch.GetElapsedTime(began).TotalSeconds, 0, 1);
    }

    [Fact]
    public void A_truncated_answer_is_passed_on_and_the_client_that_comes_by_tcp_gets_all()
    {
        using FakeServer server = new((query, stream) =>
        {
            byte[] answer = Message.Reply(query, 0, [.. Enumerable.Range(0, stream ? 250 : 3).Select(i => $"A 300 192.0.2.{i}")]);
            answer[2] |= (byte)(stream ? 0 : 2);
            return [answer];
        });
        using TestResolver resolver = new(server.EndPoint);
        Message plain = resolver.Ask("big.example");
        Assert.Equal((true, 3), (plain.IsTruncated, plain.Answers));
        Message whole = resolver.AskStream(Message.Query("big.example")).Single();
        Assert.Equal((false, 250), (whole.IsTruncated, whole.Answers));
    }

    [Theory]
    [InlineData(60, 2)] // kept: the second time nobody is asked
    [InlineData(200, 4)]
    public void A_truncated_answer_is_asked_for_again_by_tcp_and_the_client_gets_the_whole(int records, int asked)
    {
        using FakeServer server = new((query, stream) => [Cut(query, stream, records)]);
        using TestResolver resolver = new(server.EndPoint);
        for (int i = 0; i < 2; i++)
        {
            Message whole = resolver.Ask("big.example", edns: 4096);
            Assert.Equal((false, records, 0x1234, "big.example"), (whole.IsTruncated, whole.Answers, whole.Id, whole.Question));
        }
        Assert.Equal(asked, server.Asked);
    }

    [Fact]
    public void A_truncated_answer_is_passed_on_where_tcp_brings_nothing()
    {
        using FakeServer deaf = new(query => Cut(query, stream: false, 0), listens: false);
        using TestResolver resolver = new(deaf.EndPoint);
        long began = Stopwatch.GetTimestamp();
        Assert.Equal((true, 3), (resolver.Ask("big.example", edns: 4096).IsTruncated, resolver.Ask("big.example").Answers));
        Assert.InRange(Stopwatch.GetElapsedTime(began).TotalSeconds, 0, 1.5); // refused at once
        using FakeServer silent = new((query, stream) => stream ? [] : [Cut(query, stream: false, 0)]);
        using TestResolver other = new(silent.EndPoint);
        Assert.True(other.Ask("big.example", edns: 4096).IsTruncated);
        using FakeServer failing = new((query, stream) => [stream ? Message.Reply(query, 2) : Cut(query, stream: false, 0)]);
        using TestResolver third = new(failing.EndPoint);
        Assert.Equal((true, 3), (third.Ask("big.example", edns: 4096).IsTruncated, third.Ask("big.example").Answers));
        Assert.Equal((0, 0), (other.Resolver.Waiting, third.Resolver.Waiting));
    }

    [Fact]
    public void Few_truncated_answers_are_asked_for_by_tcp_at_once()
    {
        using FakeServer silent = new((query, stream) => [Cut(query, stream: false, 0)], listens: true, accepts: false);
        using TestResolver resolver = new(silent.EndPoint);
        using Socket socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = 10_000, ReceiveBufferSize = 1 << 20 };
        socket.Connect(resolver.EndPoint);
        const int questions = 160; // fewer than a socket has room for
        for (int i = 0; i < questions; i++)
            socket.Send(Message.Query($"n{i}.example", id: i, edns: 4096));
        byte[] buffer = new byte[4096];
        long began = Stopwatch.GetTimestamp();
        int atOnce = 0;
        for (int i = 0; i < questions; i++)
        {
            Assert.True(new Message(buffer[..socket.Receive(buffer)]).IsTruncated);
            atOnce += Stopwatch.GetElapsedTime(began).TotalSeconds < 1.5 ? 1 : 0;
        }
        Assert.Equal(questions - 64, atOnce); // those that TCP was not tried for
        Assert.InRange(Stopwatch.GetElapsedTime(began).TotalSeconds, 1.5, 5);
        Assert.Equal(0, resolver.Resolver.Waiting);
    }

    private static byte[] Cut(byte[] query, bool stream, int records)
    {
        byte[] answer = Message.Reply(query, 0, [.. Enumerable.Range(0, stream ? records : 3).Select(i => $"A 300 192.0.2.{i}")]);
        answer[2] |= (byte)(stream ? 0 : 2);
        return answer;
    }

    [Fact]
    public void An_answer_that_is_larger_than_the_client_takes_is_cut()
    {
        using FakeServer server = new(query => Message.Reply(query, 0, [.. Enumerable.Range(0, 100).Select(i => $"A 300 192.0.2.{i}")]));
        using TestResolver resolver = new(server.EndPoint);
        Message cut = resolver.Ask("big.example");
        Assert.Equal((true, 0), (cut.IsTruncated, cut.Answers));
        Assert.Equal(100, resolver.Ask("big.example", edns: 4096).Answers);
    }

    [Fact]
    public void Edns_is_passed_on_and_options_of_a_client_are_for_it_alone()
    {
        List<byte[]> seen = [];
        using FakeServer server = new(query =>
        {
            lock (seen)
                seen.Add(query);
            return Good(query);
        });
        using TestResolver resolver = new(server.EndPoint);
        byte[] cookie = Message.Query("example.org", edns: 60000, ednsOptions: [0, 10, 0, 2, 1, 2]);
        resolver.Ask(cookie);
        resolver.Ask(cookie);
        Assert.Equal(2, seen.Count);
        Assert.Equal(cookie.Length, seen[0].Length);
        Assert.Equal(["OPT 4096 0"], new Message(seen[0]).Records);
    }

    [Fact]
    public void Several_questions_of_a_connection_are_answered_as_they_come()
    {
        using FakeServer server = new(Good);
        using TestResolver resolver = new(server.EndPoint);
        resolver.Add("c1", ["web"], "172.30.0.2");
        List<Message> answers = resolver.AskStream([.. Enumerable.Range(0, 40).Select(i => Message.Query(i % 2 == 0 ? "web" : $"n{i}.example", id: i))]);
        Assert.Equal(Enumerable.Range(0, 40), answers.Select(answer => answer.Id).Order());
        Assert.All(answers, answer => Assert.Equal(answer.Id % 2 == 0 ? "172.30.0.2" : "192.0.2.80", answer.Addresses.Single()));
    }

    [Fact]
    public void A_name_without_a_dot_goes_no_further_where_the_user_has_said_so()
    {
        using FakeServer server = new(Good);
        using TestResolver resolver = new(server.EndPoint);
        Assert.Equal(["192.0.2.80"], resolver.Ask("printer").Addresses);
        resolver.Names.ForwardsSingleLabels = false;
        Assert.Equal(3, resolver.Ask("scanner").Rcode);
        Assert.Equal(["192.0.2.80"], resolver.Ask("scanner.example").Addresses);
    }

    [Fact]
    public void A_flood_is_bounded_and_others_are_answered_meanwhile()
    {
        using FakeServer silent = new((_, _) => []);
        using TestResolver resolver = new(silent.EndPoint);
        resolver.Add("c1", ["web"], "172.30.0.2");
        using Socket flood = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        flood.Connect(resolver.EndPoint);
        for (int i = 0; i < 20_000; i++)
        {
            flood.Send(Message.Query($"n{i}.example", id: i & 0xFFFF));
            if (i % 2000 == 0)
                Assert.Equal(["172.30.0.2"], resolver.AskStream(Message.Query("web")).Single().Addresses);
        }
        Assert.InRange(resolver.Resolver.Waiting, 1, 512);
        Assert.Equal(["172.30.0.2"], resolver.AskStream(Message.Query("web")).Single().Addresses);
    }

    [Fact]
    public void Many_idle_connections_keep_nobody_out()
    {
        using TestResolver resolver = new();
        resolver.Add("c1", ["web"], "172.30.0.2");
        List<Socket> idle = [];
        for (int i = 0; i < 100; i++)
        {
            Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            socket.Connect(resolver.EndPoint);
            idle.Add(socket);
        }
        Assert.Equal(["172.30.0.2"], resolver.AskStream(Message.Query("web")).Single().Addresses);
        idle.ForEach(socket => socket.Dispose());
    }
}
