using System.Buffers.Binary;
using System.Net;
using System.Text;

namespace Rundlet.Dns.Tests;

/// <summary>A DNS message as a test sees it, written without the code under test.</summary>
internal sealed class Message(byte[] bytes)
{
    private static readonly Dictionary<string, int> s_types = new() { ["A"] = 1, ["SOA"] = 6, ["PTR"] = 12, ["MX"] = 15, ["TXT"] = 16, ["AAAA"] = 28, ["OPT"] = 41, ["AXFR"] = 252, ["ANY"] = 255 };

    public byte[] Bytes => bytes;

    public int Id => At(0);

    public int Rcode => bytes[3] & 15;

    public bool IsTruncated => (bytes[2] & 2) != 0;

    public bool IsResponse => (bytes[2] & 0x80) != 0;

    public string Question => NameAt(12, out _);

    public int Answers => At(6);

    /// <summary>Each answer as "TYPE TTL DATA".</summary>
    public List<string> Records
    {
        get
        {
            List<string> records = [];
            int at = 12;
            if (At(4) == 1)
            {
                _ = NameAt(12, out at);
                at += 4;
            }
            for (int i = 0; i < At(6) + At(8) + At(10); i++)
            {
                _ = NameAt(at, out at);
                int type = At(at), length = At(at + 8);
                int data = at + 10;
                string text = type switch
                {
                    1 or 28 => new IPAddress(bytes.AsSpan(data, length)).ToString(),
                    12 => NameAt(data, out _),
                    _ => length.ToString(System.Globalization.CultureInfo.InvariantCulture),
                };
                records.Add(type == 41 ? $"OPT {At(at + 2)} {bytes[at + 4]}" : $"{s_types.FirstOrDefault(pair => pair.Value == type).Key} {BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(at + 4))} {text}");
                at = data + length;
            }
            Assert.Equal(bytes.Length, at);
            return records;
        }
    }

    /// <summary>The addresses in it.</summary>
    public List<string> Addresses => [.. Records.Select(record => record.Split(' ')).Where(words => words[0] is "A" or "AAAA").Select(words => words[2])];

    public static byte[] Query(string name, string type = "A", int edns = 0, int id = 0x1234, byte ednsVersion = 0, byte[]? ednsOptions = null)
    {
        List<byte> bytes = [(byte)(id >> 8), (byte)id, 1, 0, 0, 1, 0, 0, 0, 0, 0, (byte)(edns > 0 ? 1 : 0), .. Name(name), .. Short(s_types[type]), 0, 1];
        if (edns > 0)
            bytes.AddRange([0, .. Short(41), .. Short(edns), 0, ednsVersion, 0, 0, .. Short(ednsOptions?.Length ?? 0), .. ednsOptions ?? []]);
        return [.. bytes];
    }

    /// <summary>A server's answer to a query: "TYPE TTL DATA" each; SOA takes its minimum for data.</summary>
    public static byte[] Reply(byte[] query, int rcode, params string[] records)
    {
        int end = 12;
        while (query[end] != 0)
            end += 1 + query[end];
        end += 5;
        List<byte> bytes = [query[0], query[1], 0x81, (byte)(0x80 | rcode), 0, 1, 0, (byte)records.Count(r => !r.StartsWith("SOA")), 0, (byte)records.Count(r => r.StartsWith("SOA")), 0, 0, .. query[12..end]];
        foreach (string record in records)
        {
            string[] words = record.Split(' ');
            byte[] data = words[0] switch
            {
                "A" or "AAAA" => IPAddress.Parse(words[2]).GetAddressBytes(),
                "SOA" => [0, 0, .. new byte[16], .. Long(uint.Parse(words[2]))],
                _ => new byte[int.Parse(words[2])],
            };
            bytes.AddRange([0xC0, 12, .. Short(s_types[words[0]]), 0, 1, .. Long(uint.Parse(words[1])), .. Short(data.Length), .. data]);
        }
        return [.. bytes];
    }

    private static byte[] Name(string name) => name == "." ? [0] : [.. name.Split('.').SelectMany(label => (byte[])[(byte)label.Length, .. Encoding.Latin1.GetBytes(label)]), 0];

    private static byte[] Short(int value) => [(byte)(value >> 8), (byte)value];

    private static byte[] Long(uint value) => [(byte)(value >> 24), (byte)(value >> 16), (byte)(value >> 8), (byte)value];

    private int At(int at) => BinaryPrimitives.ReadUInt16BigEndian(bytes.AsSpan(at));

    private string NameAt(int at, out int end)
    {
        List<string> labels = [];
        end = -1;
        while (bytes[at] != 0)
        {
            if (bytes[at] >= 0xC0)
            {
                end = end < 0 ? at + 2 : end;
                at = (bytes[at] & 0x3F) << 8 | bytes[at + 1];
                continue;
            }
            labels.Add(Encoding.Latin1.GetString(bytes, at + 1, bytes[at]));
            at += 1 + bytes[at];
        }
        end = end < 0 ? at + 1 : end;
        return string.Join('.', labels);
    }
}
