using System.Runtime.ExceptionServices;
using Rundlet.Images.Compression;
using Rundlet.Images.Content;
using Rundlet.Images.Layers;
using Rundlet.Images.Unpack;
using Rundlet.Linux;
using Rundlet.Oci;
using Rundlet.Syscalls;

namespace Rundlet.Images.Pull;

/// <summary>
/// Brings layers into the store, several at once, each in one pass: the bytes are hashed, kept, unpacked and hashed again as they come.
/// <code>
/// round:  try all ──► whole and verified: pending ──► flush once, make all visible
///             └─────► another one is at it: next round, with nothing held
/// </code>
/// Nobody who holds a lock waits for one: two processes that want the same layers in another order cannot block each other.
/// The caller holds a lease on all blobs and layers.
/// </summary>
/// <param name="content">Where blobs go.</param>
/// <param name="layers">Where layers go.</param>
/// <param name="open">Opens a blob that is not here at an offset; null when all must be here.</param>
/// <param name="limits">What a layer may cost.</param>
/// <param name="progress">Is told; null for nobody.</param>
internal sealed class LayerBatch(
    ContentStore content, LayerStore layers, Func<Descriptor, long, CancellationToken, (Stream Bytes, long Offset)>? open, UnpackLimits limits, IPullProgress? progress)
{
    private static readonly TimeSpan s_busyWait = TimeSpan.FromMilliseconds(50);

    private readonly WindowBudget _windows = new();

    private sealed record Unpacked(Layer Layer, IReadOnlyCollection<string> Implied);

    private enum Outcome
    {
        Done,
        Busy,
    }

    /// <summary>Brings them in.</summary>
    /// <param name="tasks">The layers.</param>
    /// <param name="parallel">How many at once.</param>
    /// <param name="cancel">Ends it; layers that were finished stay, and so does what has come of the others.</param>
    /// <exception cref="ContainerException">
    /// <see cref="ContainerErrorKind.InvalidArgument"/>: a layer is damaged, hostile or not what the image says;
    /// <see cref="ContainerErrorKind.Unavailable"/>: the disk is full, or the registry is gone.
    /// </exception>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public void Run(IReadOnlyList<LayerTask> tasks, int parallel, CancellationToken cancel)
    {
        // The largest first: what is begun last should not take long.
        List<LayerTask> left = [.. tasks.OrderByDescending(task => task.Blob.Size)];
        foreach (LayerTask task in left)
            Report(task, LayerPhase.Waiting, 0);
        while (left.Count > 0)
        {
            List<LayerTask> busy = Round(left, parallel, cancel);
            if (busy.Count == left.Count)
                cancel.WaitHandle.WaitOne(s_busyWait);
            left = busy;
        }
    }

    private List<LayerTask> Round(List<LayerTask> tasks, int parallel, CancellationToken cancel)
    {
        using var pending = new PendingContents(content, layers);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var queue = new Queue<LayerTask>(tasks);
        List<LayerTask> busy = [];
        Exception? failure = null;
        void Work()
        {
            while (true)
            {
                LayerTask? task;
                lock (queue)
                {
                    if (failure is not null || !queue.TryDequeue(out task))
                        return;
                }
                try
                {
                    Outcome outcome = BringIn(task, pending, stop.Token);
                    if (outcome == Outcome.Busy)
                    {
                        lock (queue)
                            busy.Add(task);
                    }
                }
                catch (Exception error) // carried to the caller below
                {
                    lock (queue)
                        failure ??= error;
                    stop.Cancel();
                }
            }
        }
        int workers = Math.Min(parallel, tasks.Count);
        var threads = new Thread[workers - 1];
        for (int i = 0; i < threads.Length; i++)
        {
            threads[i] = new Thread(Work, 1 << 20) { IsBackground = true, Name = "layer" };
            threads[i].Start();
        }
        Work();
        foreach (Thread thread in threads)
            thread.Join();
        IReadOnlyList<Digest> given = Publish(pending, ref failure);
        if (failure is not null)
            ExceptionDispatchInfo.Throw(failure is OperationCanceledException && cancel.IsCancellationRequested ? new OperationCanceledException(cancel) : failure);
        busy.AddRange(tasks.Where(task => given.Contains(task.ChainId)));
        foreach (LayerTask task in tasks.Except(busy))
            Report(task, LayerPhase.Complete, task.Blob.Size);
        return busy;
    }

    /// <summary>What was finished stays, whatever became of the others; on a full disk nothing does.</summary>
    /// <returns>Layers that have to be done again, after those below them.</returns>
    private static IReadOnlyList<Digest> Publish(PendingContents pending, ref Exception? failure)
    {
        try
        {
            if (!IsDiskFull(failure))
                return pending.Publish();
        }
        catch (Exception error) when (error is ContainerException or LinuxException)
        {
            failure ??= error;
        }
        if (IsDiskFull(failure))
            pending.Discard();
        return [];
    }

    private Outcome BringIn(LayerTask task, PendingContents pending, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        bool isUnpacked = layers.Has(task.ChainId), isHere = content.SizeOf(task.Blob.Digest) == task.Blob.Size;
        if (isHere && isUnpacked)
        {
            Report(task, LayerPhase.Present, task.Blob.Size);
            return Outcome.Done;
        }
        try
        {
            return isHere || open is null ? Extract(task, pending, cancel) : Download(task, isUnpacked, pending, cancel);
        }
        catch (ContainerException error) when (error.Kind != ContainerErrorKind.Canceled)
        {
            throw new ContainerException(error.Kind, $"layer '{task.Blob.Digest}'", error);
        }
    }

    private Outcome Extract(LayerTask task, PendingContents pending, CancellationToken cancel)
    {
        LayerIngest? ingest = layers.TryBegin(task.ChainId);
        if (ingest is null)
            return layers.Has(task.ChainId) ? Outcome.Done : Outcome.Busy;
        try
        {
            Report(task, LayerPhase.Extracting, task.Blob.Size);
            using Stream blob = content.Open(task.Blob.Digest, task.Blob.Size);
            Unpacked unpacked = Unpack(task, blob, ingest, cancel);
            pending.Add(ingest, unpacked.Layer, task.Below, unpacked.Implied);
            ingest = null;
            Report(task, LayerPhase.Verified, task.Blob.Size);
            return Outcome.Done;
        }
        finally
        {
            ingest?.Dispose();
        }
    }

    private Outcome Download(LayerTask task, bool isUnpacked, PendingContents pending, CancellationToken cancel)
    {
        BlobWriter? writer = content.TryResume(task.Blob.Digest);
        if (writer is null)
            return Outcome.Busy;
        LayerIngest? ingest = null;
        try
        {
            writer.Keep();
            if (content.SizeOf(task.Blob.Digest) == task.Blob.Size)
            {
                writer.Drop();
                return Outcome.Busy; // whole since our look: the next round unpacks it
            }
            if (!isUnpacked && (ingest = layers.TryBegin(task.ChainId)) is null)
                return Outcome.Busy;
            if (writer.Kept > task.Blob.Size)
                writer.Restart();
            Unpacked? unpacked;
            try
            {
                unpacked = Receive(task, writer, ingest, cancel);
            }
            catch (ContainerException error) when (writer.Kept > 0 && error.Kind == ContainerErrorKind.InvalidArgument)
            {
                // What an earlier pull left was not what it should be, after a power cut perhaps. From the start, once.
                writer.Restart();
                ingest?.Clear();
                unpacked = Receive(task, writer, ingest, cancel);
            }
            pending.Add(writer, task.Blob.Digest);
            writer = null;
            if (unpacked is not null)
                pending.Add(ingest!, unpacked.Layer, task.Below, unpacked.Implied);
            ingest = null;
            Report(task, LayerPhase.Verified, task.Blob.Size);
            return Outcome.Done;
        }
        catch (Exception error) when (IsDiskFull(error) || error is ContainerException { Kind: ContainerErrorKind.InvalidArgument })
        {
            writer?.Drop();
            throw;
        }
        finally
        {
            ingest?.Dispose();
            writer?.Dispose();
        }
    }

    private Unpacked? Receive(LayerTask task, BlobWriter writer, LayerIngest? ingest, CancellationToken cancel)
    {
        using var blob = new ArrivingBlob(writer, task.Blob, offset => open!(task.Blob, offset, cancel), done => Report(task, LayerPhase.Downloading, done));
        Unpacked? unpacked = null;
        if (ingest is not null)
            unpacked = Unpack(task, blob, ingest, cancel);
        else
            ReadToEnd(blob, cancel);
        writer.Verify(task.Blob.Digest, task.Blob.Size);
        return unpacked;
    }

    private Unpacked Unpack(LayerTask task, Stream blob, LayerIngest ingest, CancellationToken cancel)
    {
        using var tar = new LayerStream(blob, null, limits.MaxBytes, cancel, task.DiffId.Algorithm, _windows);
        UnpackResult result = LayerUnpacker.Unpack(tar, ingest.Root.Value, limits, cancel);
        Digest found = tar.Complete();
        if (found != task.DiffId)
            throw new ContainerException(ContainerErrorKind.InvalidArgument, $"unpacks to '{found}', the configuration says '{task.DiffId}'");
        return new Unpacked(new Layer(task.ChainId, task.DiffId, result.Bytes), result.Implied);
    }

    private static void ReadToEnd(Stream stream, CancellationToken cancel)
    {
        byte[] scratch = new byte[256 << 10];
        while (stream.Read(scratch) > 0)
            cancel.ThrowIfCancellationRequested();
    }

    private void Report(LayerTask task, LayerPhase phase, long done) => progress?.Report(new LayerProgress(task.Blob.Digest, phase, done, task.Blob.Size));

    private static bool IsDiskFull(Exception? error)
    {
        for (; error is not null; error = error.InnerException)
        {
            if (error is LinuxException { IsDiskFull: true })
                return true;
        }
        return false;
    }
}
