using System.Text;
using Rundlet.Images.Compression;

namespace Rundlet.Images.Tests.Compression;

public class ZstdReaderTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void Frames_come_out_one_after_the_other_whatever_their_windows()
    {
        byte[] packed =
        [
            .. ZstdFrame.Of(12, "one "u8), .. ZstdFrame.Of(25, "two "u8), 0x53, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3,
            .. ZstdFrame.Of(13, "three "u8), .. ZstdFrame.Of(26, "four"u8, zeroes: 300_000),
        ];
        var budget = new WindowBudget(1 << 20);
        string content = Encoding.ASCII.GetString(Read(new Trickle(packed, 7), budget));
        Assert.Equal("one two three four", content.TrimEnd('\0'));
        Assert.Equal(18 + 300_000, content.Length);
        Assert.Equal(1 << 26, budget.Peak); // what it had for smaller ones was given back before
    }

    [Fact]
    public async Task Layers_that_are_read_at_once_never_remember_more_than_the_budget()
    {
        // Each wants more at its second frame: whoever kept the first's while it waits would wait for ever.
        var budget = new WindowBudget(8 << 20);
        byte[] packed = [.. ZstdFrame.Of(22, "small "u8, zeroes: 1 << 20), .. ZstdFrame.Of(23, "large"u8, zeroes: 9 << 20)];
        int[] lengths = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Task.Run(() => Read(new Trickle(packed, 5000), budget).Length, Token)));
        Assert.All(lengths, length => Assert.Equal(11 + (10 << 20), length));
        Assert.InRange(budget.Peak, 1, 8 << 20);
    }

    [Fact]
    public async Task A_window_larger_than_the_budget_is_read_when_nobody_else_reads()
    {
        var budget = new WindowBudget(1 << 20);
        budget.Take(1000, Token);
        using var begun = new ManualResetEventSlim();
        Task<byte[]> large = Task.Run(() => Read(new Signalling(ZstdFrame.Of(27, "large"u8), begun), budget), Token);
        begun.Wait(Token);
        Assert.Equal(1000, budget.Peak);
        budget.Return(1000);
        Assert.Equal("large"u8.ToArray(), await large);
        Assert.Equal(1 << 27, budget.Peak);
    }

    [Fact]
    public async Task Who_waits_for_memory_can_be_cancelled_and_keeps_nobody_waiting()
    {
        var budget = new WindowBudget(1 << 20);
        budget.Take(1 << 20, Token);
        using var cancel = new CancellationTokenSource();
        using var begun = new ManualResetEventSlim();
        Task waiting = Task.Run(() => Read(new Signalling(ZstdFrame.Of(27, "large"u8), begun), budget, cancel.Token), Token);
        begun.Wait(Token);
        cancel.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        budget.Return(1 << 20);
        Assert.Equal("next"u8.ToArray(), Read(new MemoryStream(ZstdFrame.Of(20, "next"u8)), budget));
    }

    private static byte[] Read(Stream packed, WindowBudget budget, CancellationToken cancel = default)
    {
        using var reader = new ZstdReader(packed, budget, cancel);
        var content = new MemoryStream();
        reader.CopyTo(content);
        return content.ToArray();
    }

    /// <summary>Says when it was read from.</summary>
    private sealed class Signalling(byte[] bytes, ManualResetEventSlim begun) : MemoryStream(bytes)
    {
        public override int Read(Span<byte> buffer)
        {
            int got = base.Read(buffer);
            begun.Set();
            return got;
        }
    }
}
