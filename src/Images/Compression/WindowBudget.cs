namespace Rundlet.Images.Compression;

/// <summary>
/// Memory for what decoders must remember, shared by layers that are unpacked at the same time. Whoever asks first gets first, and one
/// that asks for more than there is in all gets it when nobody else has any: it is slower, but never refused.
/// </summary>
/// <param name="bytes">How much there is; the default keeps a pull below 150 MB.</param>
internal sealed class WindowBudget(long bytes = WindowBudget.DefaultBytes)
{
    /// <summary>64 MiB: eight layers of zstd's usual levels at once, or two of <c>--ultra -20</c>.</summary>
    public const long DefaultBytes = 64 << 20;

    private readonly Lock _lock = new();
    private readonly LinkedList<Waiter> _waiting = new();
    private long _used;

    private sealed record Waiter(long Bytes, ManualResetEventSlim Admitted);

    /// <summary>The most that was ever given out at once, in bytes.</summary>
    public long Peak { get; private set; }

    /// <summary>Waits for memory. Nobody may wait who holds some: two that both want more would wait for ever.</summary>
    /// <param name="wanted">How much, in bytes.</param>
    /// <param name="cancel">Ends the wait.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public void Take(long wanted, CancellationToken cancel)
    {
        using var admitted = new ManualResetEventSlim();
        var waiter = new Waiter(wanted, admitted);
        LinkedListNode<Waiter> node;
        lock (_lock)
        {
            node = _waiting.AddLast(waiter);
            Admit();
        }
        try
        {
            admitted.Wait(cancel);
        }
        catch (OperationCanceledException)
        {
            lock (_lock)
            {
                if (node.List is null)
                    _used -= wanted;
                else
                    _waiting.Remove(node);
                Admit();
            }
            throw;
        }
    }

    /// <summary>Gives memory back.</summary>
    public void Return(long taken)
    {
        lock (_lock)
        {
            _used -= taken;
            Admit();
        }
    }

    private void Admit()
    {
        while (_waiting.First is { } first && (_used == 0 || _used + first.Value.Bytes <= bytes))
        {
            _waiting.RemoveFirst();
            _used += first.Value.Bytes;
            Peak = Math.Max(Peak, _used);
            first.Value.Admitted.Set();
        }
    }
}
