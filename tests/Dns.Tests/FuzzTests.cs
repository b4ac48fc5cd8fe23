using System.Globalization;
using Rundlet.Dns.Wire;

namespace Rundlet.Dns.Tests;

/// <summary>
/// Hostile messages, made from numbers: the same ones in each test run, more by <c>./dev fuzz names COUNT SEED</c>, which sets
/// <c>RUNDLET_FUZZ_COUNT</c> and <c>RUNDLET_FUZZ_SEED</c>.
/// </summary>
public sealed class FuzzTests
{
    private static readonly int s_count = Setting("RUNDLET_FUZZ_COUNT", 20_000), s_seed = Setting("RUNDLET_FUZZ_SEED", 20240611);

    [Fact]
    public void Whatever_comes_as_a_question_is_read_or_refused()
    {
        int good = 0;
        Span<byte> text = stackalloc byte[WireName.MaxLength], address = stackalloc byte[16], name = stackalloc byte[WireName.MaxLength];
        for (int i = 0; i < s_count; i++)
        {
            byte[] message = Spoil(new Random(s_seed + i), Message.Query("web.front.example", i % 2 == 0 ? "AAAA" : "PTR", edns: i % 3 * 700));
            QueryVerdict verdict = DnsQuery.Read(message, out DnsQuery query);
            if (verdict == QueryVerdict.Silence)
                continue;
            good += verdict == QueryVerdict.Good ? 1 : 0;
            byte[] answer = new byte[DnsCodes.PlainSize];
            AnswerWriter writer = new(answer, query, DnsCodes.PlainSize, DnsCodes.NoError);
            for (int record = 0; record < 40; record++)
                writer.Add([1, 2, 3, 4], 5);
            int length = writer.Finish();
            Assert.InRange(length, DnsCodes.HeaderLength, DnsCodes.PlainSize);
            Assert.Equal(message[..2], answer[..2]);
            if (verdict != QueryVerdict.Good)
                continue;
            int put = WireName.ToText(query.Name, text);
            if (put < 0)
                continue;
            Assert.InRange(WireName.ReadReverse(text[..put], address), 0, 16);
            if (WireName.FromText(text[..put], name) is > 0 and int back)
                Assert.True(WireName.Same(query.Name, name[..back]), $"seed {s_seed + i}");
        }
        Assert.InRange(good, s_count / 50, s_count);
    }

    [Fact]
    public void Whatever_comes_as_an_answer_is_read_or_passed_over()
    {
        int matching = 0, kept = 0;
        for (int i = 0; i < s_count; i++)
        {
            byte[] query = Message.Query("web.front.example", edns: 1232);
            Assert.Equal(QueryVerdict.Good, DnsQuery.Read(query, out DnsQuery asked));
            byte[] reply = Spoil(new Random(s_seed + i), Message.Reply(query, i % 4 == 0 ? 3 : 0, "A 300 192.0.2.1", "AAAA 60 fd00::1", "SOA 900 30"));
            if (!ServerReply.Matches(reply, asked.Id, asked.Question))
                continue;
            matching++;
            uint life = ServerReply.LifeOf(reply, asked.QuestionEnd);
            Assert.InRange(life, 0u, ServerReply.LongestLife);
            if (life == 0)
                continue;
            kept++;
            ServerReply.Age(reply, asked.QuestionEnd, life);
        }
        Assert.InRange(matching, s_count / 50, s_count);
        Assert.InRange(kept, 1, matching);
    }

    [Fact]
    public void A_resolver_lives_through_all_of_it()
    {
        using FakeServer server = new(query => Spoil(new Random(query.Length), Message.Reply(Message.Query("n.example"), 0, "A 300 192.0.2.1")));
        using TestResolver resolver = new(server.EndPoint);
        resolver.Add("c1", ["web"], "172.30.0.2");
        using System.Net.Sockets.Socket socket = new(System.Net.Sockets.AddressFamily.InterNetwork, System.Net.Sockets.SocketType.Dgram, System.Net.Sockets.ProtocolType.Udp);
        socket.Connect(resolver.EndPoint);
        for (int i = 0; i < Math.Min(s_count, 20_000); i++)
        {
            socket.Send(Spoil(new Random(s_seed + i), Message.Query("web", edns: i % 2 * 1232)));
            if (i % 500 == 0)
                Assert.Equal(["172.30.0.2"], resolver.AskStream(Message.Query("web")).Single().Addresses);
        }
        for (int i = 0; i < 50; i++)
        {
            using System.Net.Sockets.Socket stream = new(System.Net.Sockets.AddressFamily.InterNetwork, System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Tcp);
            stream.Connect(resolver.EndPoint);
            byte[] query = Message.Query("web");
            stream.Send(Spoil(new Random(s_seed + i), [0, (byte)query.Length, .. query, 0, (byte)query.Length, .. query]));
        }
        Assert.Equal(["172.30.0.2"], resolver.AskStream(Message.Query("web")).Single().Addresses);
    }

    // Bits, bytes, pieces doubled, moved or taken out, the end cut off; now and then nothing but noise.
    private static byte[] Spoil(Random random, byte[] good)
    {
        List<byte> bytes = [.. good];
        if (random.Next(50) == 0)
        {
            byte[] noise = new byte[random.Next(600)];
            random.NextBytes(noise);
            return noise;
        }
        for (int i = random.Next(0, 5); i > 0 && bytes.Count > 0; i--)
        {
            int at = random.Next(bytes.Count), length = Math.Min(random.Next(1, 20), bytes.Count - at);
            switch (random.Next(6))
            {
                case 0:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 1:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 2:
                    bytes[at] = (byte)(0xC0 | random.Next(64));
                    break;
                case 3:
                    bytes.RemoveRange(at, length);
                    break;
                case 4:
                    bytes.InsertRange(at, bytes.GetRange(at, length));
                    break;
                default:
                    bytes.RemoveRange(at, random.Next(4) == 0 ? bytes.Count - at : 1);
                    break;
            }
        }
        return [.. bytes];
    }

    private static int Setting(string name, int otherwise) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;
}
