namespace Rundlet.Images.Registry.Http;

/// <summary>Blocking work as a task, on a thread of its own: the pool's threads are as few as there are processors.</summary>
internal static class BlockingTask
{
    /// <summary>Starts it.</summary>
    public static Task<T> Run<T>(Func<T> work, CancellationToken cancel) =>
        Task.Factory.StartNew(work, cancel, TaskCreationOptions.LongRunning | TaskCreationOptions.DenyChildAttach, TaskScheduler.Default);
}
