using Rundlet.Runtime.Supervision;

namespace Rundlet.Supervisor.Tests;

public sealed class FrameTests
{
    [Theory]
    [InlineData(FrameType.Stdout, "6869", "04020000006869")]
    [InlineData(FrameType.StdinEnd, "", "0600000000")]
    [InlineData(FrameType.Detach, "", "0900000000")]
    [InlineData(FrameType.Request, "7b7d", "01020000007b7d")]
    public void A_frame_is_type_length_payload(FrameType type, string payload, string wire)
    {
        Assert.Equal(wire, Convert.ToHexStringLower(Frame.Of(type, Convert.FromHexString(payload))));
    }

    [Fact]
    public void A_size_is_rows_then_columns()
    {
        byte[] frame = Frame.OfSize(24, 0x150);
        Assert.Equal("070400000018005001", Convert.ToHexStringLower(frame));
        Assert.True(Frame.TryReadSize(frame.AsSpan(Frame.HeaderLength), out ushort rows, out ushort columns));
        Assert.Equal((24, 0x150), (rows, columns));
        Assert.False(Frame.TryReadSize(frame, out _, out _));
    }

    [Theory]
    [InlineData("", FrameStatus.Incomplete)]
    [InlineData("00", FrameStatus.Malformed)] // no such type, known from its first byte
    [InlineData("0a", FrameStatus.Malformed)]
    [InlineData("ff", FrameStatus.Malformed)]
    [InlineData("0300", FrameStatus.Incomplete)]
    [InlineData("0301000000", FrameStatus.Incomplete)]
    [InlineData("030100000041", FrameStatus.Complete)]
    [InlineData("03010000004142", FrameStatus.Complete)]
    [InlineData("0300000100", FrameStatus.Incomplete)] // 64 KiB: the longest
    [InlineData("0301000100", FrameStatus.Malformed)]
    [InlineData("0100001000", FrameStatus.Incomplete)] // 1 MiB: the longest
    [InlineData("0101001000", FrameStatus.Malformed)]
    [InlineData("01ffffffff", FrameStatus.Malformed)] // a length that is negative when taken for an int
    [InlineData("0601000000", FrameStatus.Malformed)]
    [InlineData("0705000000", FrameStatus.Malformed)]
    public void A_header_is_judged_before_its_payload_is_there(string wire, FrameStatus expected)
    {
        Assert.Equal(expected, Frame.TryRead(Convert.FromHexString(wire), out _, out _));
    }

    [Fact]
    public void A_payload_longer_than_its_type_allows_is_not_written()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Frame.Of(FrameType.Stdout, new byte[Frame.MaxStream + 1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => Frame.Of((FrameType)200, []));
    }

    [Fact]
    public void Frames_come_out_as_they_went_in_however_the_stream_is_cut()
    {
        Random random = new(5);
        FrameType[] types = [FrameType.Request, FrameType.Stdin, FrameType.StdinEnd, FrameType.Resize, FrameType.Stdout];
        for (int round = 0; round < 300; round++)
        {
            List<(FrameType Type, byte[] Payload)> sent = [];
            using MemoryStream wire = new();
            for (int i = random.Next(1, 12); i > 0; i--)
            {
                FrameType type = types[random.Next(types.Length)];
                byte[] payload = new byte[Math.Min(Frame.MaxPayload(type), random.Next(4) == 0 ? random.Next(200_000) : random.Next(40))];
                random.NextBytes(payload);
                sent.Add((type, payload));
                wire.Write(Frame.Of(type, payload));
            }
            Assert.Equal(sent, Feed(wire.ToArray(), random), (a, b) => a.Item1 == b.Item1 && a.Item2.AsSpan().SequenceEqual(b.Item2));
        }
    }

    [Fact]
    public void Hostile_bytes_never_take_more_memory_than_came_in()
    {
        Random random = new(7);
        int malformed = 0;
        for (int round = 0; round < 5_000; round++)
        {
            FrameBuffer buffer = new();
            int arrived = 0;
            bool ended = false;
            for (int i = 0; i < 20 && !ended; i++)
            {
                byte[] bytes = new byte[random.Next(1, 30)];
                random.NextBytes(bytes);
                if (i == 0)
                    bytes[0] = (byte)random.Next(0, 11); // a type that exists, as a rule
                for (ReadOnlySpan<byte> rest = bytes; !rest.IsEmpty && !ended;)
                {
                    Span<byte> space = buffer.Space();
                    int count = Math.Min(space.Length, rest.Length);
                    rest[..count].CopyTo(space);
                    buffer.Received(count);
                    rest = rest[count..];
                    arrived += count;
                    FrameStatus status;
                    while ((status = buffer.TryTake(out FrameType type, out ReadOnlySpan<byte> payload)) == FrameStatus.Complete)
                        Assert.InRange(payload.Length, 0, Frame.MaxPayload(type));
                    ended = status == FrameStatus.Malformed;
                }
                Assert.InRange(buffer.Capacity, 0, Math.Max(4096, 2 * arrived));
            }
            malformed += ended ? 1 : 0;
        }
        Assert.InRange(malformed, 3_000, 5_000);
    }

    [Fact]
    public void The_longest_frame_fits_and_its_memory_is_given_back()
    {
        FrameBuffer buffer = new();
        byte[] frame = Frame.Of(FrameType.Request, new byte[Frame.MaxDocument]);
        for (ReadOnlySpan<byte> rest = frame; !rest.IsEmpty;)
        {
            Span<byte> space = buffer.Space();
            int count = Math.Min(space.Length, rest.Length);
            rest[..count].CopyTo(space);
            buffer.Received(count);
            rest = rest[count..];
        }
        Assert.Equal(FrameBuffer.MaxCapacity, buffer.Capacity);
        Assert.Equal(FrameStatus.Complete, buffer.TryTake(out _, out ReadOnlySpan<byte> payload));
        Assert.Equal(Frame.MaxDocument, payload.Length);
        buffer.Space();
        Assert.Equal(4096, buffer.Capacity);
    }

    private static List<(FrameType Type, byte[] Payload)> Feed(byte[] wire, Random random)
    {
        List<(FrameType, byte[])> frames = [];
        FrameBuffer buffer = new();
        for (int at = 0; at < wire.Length;)
        {
            Span<byte> space = buffer.Space();
            int count = Math.Min(random.Next(1, 5000), Math.Min(space.Length, wire.Length - at));
            wire.AsSpan(at, count).CopyTo(space);
            buffer.Received(count);
            at += count;
            while (buffer.TryTake(out FrameType type, out ReadOnlySpan<byte> payload) == FrameStatus.Complete)
                frames.Add((type, payload.ToArray()));
        }
        Assert.Equal(0, buffer.Length);
        return frames;
    }
}
