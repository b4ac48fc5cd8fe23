using System.Text;

namespace Rundlet.Oci.Tests.Runtime;

/// <summary>Whatever the bytes are, a spec comes out or a <see cref="SpecFormatException"/>; never another exception, never a hang.</summary>
public sealed class HostileJsonTests
{
    [Fact]
    public void A_document_cut_off_anywhere_is_refused()
    {
        foreach (byte[] example in new[] { Examples.Shell, Examples.Everything })
            for (int length = 0; length < example.AsSpan().TrimEnd("\n"u8).Length; length++)
                Assert.Throws<SpecFormatException>(() => SpecReader.Read(example.AsSpan(0, length)));
    }

    [Fact]
    public void Changed_bytes_give_a_spec_or_a_reason()
    {
        var random = new Random(20_26);
        int refused = 0;
        for (int round = 0; round < 20_000; round++)
        {
            byte[] text = (byte[])(round % 4 == 0 ? Examples.Everything : Examples.Shell).Clone();
            for (int changes = random.Next(1, 4); changes > 0; changes--)
                Mutate(random, ref text);
            if (!IsReadable(text))
                refused++;
        }
        Assert.InRange(refused, 5_000, 19_999);
    }

    [Theory]
    [InlineData("[", "]")]
    [InlineData("{\"a\":", "}")]
    public void Nesting_past_the_bound_is_refused(string open, string close)
    {
        // The document's own object is one level more.
        string text(int levels) => "{\"ociVersion\":\"1\",\"x\":" + Repeat(open, levels) + "1" + Repeat(close, levels) + "}";

        Assert.Equal("1", SpecReader.Read(Encoding.UTF8.GetBytes(text(63))).OciVersion);
        var error = Assert.Throws<SpecFormatException>(() => SpecReader.Read(Encoding.UTF8.GetBytes(text(64))));
        Assert.Equal("expected at most 64 levels, found more", error.Problem);
        Assert.Throws<SpecFormatException>(() => SpecReader.Read(Encoding.UTF8.GetBytes(Repeat(open, 1_000_000))));
    }

    [Theory]
    [InlineData("1e999999999")]
    [InlineData("-1e-5")]
    [InlineData("1.0")]
    [InlineData("99999999999999999999999999999999999999")]
    public void Numbers_that_no_limit_can_hold_are_refused(string number)
    {
        var error = Assert.Throws<SpecFormatException>(() => SpecReader.ReadResources(Encoding.UTF8.GetBytes($$"""{"pids":{"limit": {{number}} } }""")));

        Assert.Equal("pids.limit", error.Path);
        Assert.EndsWith($"found {number}", error.Problem);
    }

    [Fact]
    public void A_number_of_a_million_digits_is_refused_with_a_short_message()
    {
        byte[] text = Encoding.UTF8.GetBytes($$"""{"pids":{"limit": {{Repeat("9", 1_000_000)}} } }""");

        var error = Assert.Throws<SpecFormatException>(() => SpecReader.ReadResources(text));

        Assert.True(error.Message.Length < 250);
    }

    [Fact]
    public void Many_members_and_many_elements_are_read_in_linear_time()
    {
        var members = new StringBuilder("{\"ociVersion\":\"1\",\"annotations\":{");
        for (int i = 0; i < 200_000; i++)
            members.Append(i == 0 ? "" : ",").Append($"\"k{i}\":\"\"");
        members.Append("},\"x\":{");
        for (int i = 0; i < 200_000; i++)
            members.Append(i == 0 ? "" : ",").Append($"\"k{i}\":[]");
        for (int i = 0; i < 200_000; i++)
            members.Append($",\"l{i}\":0");
        members.Append("}}");

        Assert.Equal(200_000, SpecReader.Read(Encoding.UTF8.GetBytes(members.ToString())).Annotations!.Count);
    }

    private static bool IsReadable(byte[] text)
    {
        try
        {
            SpecReader.Read(text);
            return true;
        }
        catch (SpecFormatException error)
        {
            Assert.True(error.Line >= 1 && error.Column >= 1 && error.Problem.Length > 0);
            return false;
        }
    }

    private static void Mutate(Random random, ref byte[] text)
    {
        int at = random.Next(text.Length);
        switch (random.Next(4))
        {
            case 0:
                text[at] = (byte)random.Next(256);
                break;
            case 1:
                text[at] = "{}[]\",:\\0-eu\n"u8[random.Next(13)];
                break;
            case 2:
                text = [.. text.AsSpan(0, at), .. text.AsSpan(Math.Min(text.Length, at + random.Next(1, 40)))];
                break;
            default:
                ReadOnlySpan<byte> piece = text.AsSpan(at, Math.Min(random.Next(1, 40), text.Length - at));
                int to = random.Next(text.Length);
                text = [.. text.AsSpan(0, to), .. piece, .. text.AsSpan(to)];
                break;
        }
        if (text.Length == 0)
            text = [(byte)' '];
    }

    private static string Repeat(string text, int times) => new StringBuilder().Insert(0, text, times).ToString();
}
