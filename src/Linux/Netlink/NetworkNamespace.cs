using System.Runtime.ExceptionServices;
using Rundlet.Syscalls;

namespace Rundlet.Linux.Netlink;

/// <summary>
/// Network namespaces by fd, network_namespaces(7). A thread that changes its namespace is made for the purpose and ends
/// with it; no thread of the pool is ever moved. A thread starts in its creator's namespace, so this also works from
/// inside a namespace.
/// </summary>
public static class NetworkNamespace
{
    private const int StackSize = 1 << 20;

    /// <summary>Makes a namespace. It lives as long as this fd, a process or a socket in it.</summary>
    /// <param name="prepare">Runs inside before the fd is handed out: open sockets there, write its sysctls.</param>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static OwnedFd Create(Action? prepare = null) => OnThread(() =>
    {
        LinuxException.ThrowIfError(Sys.unshare(CLONE.NEWNET), "unshare", "network namespace");
        OwnedFd fd = OpenOwn();
        try
        {
            prepare?.Invoke();
            return fd;
        }
        catch
        {
            fd.Dispose();
            throw;
        }
    });

    /// <summary>Runs code in a namespace, on a thread of its own; exceptions come through.</summary>
    /// <exception cref="LinuxException">The kernel refused to enter.</exception>
    public static T Run<T>(OwnedFd networkNamespace, Func<T> work) => OnThread(() =>
    {
        LinuxException.ThrowIfError(Sys.setns(networkNamespace.Value, CLONE.NEWNET), "setns", "network namespace");
        return work();
    });

    /// <inheritdoc cref="Run{T}"/>
    public static void Run(OwnedFd networkNamespace, Action work) => Run(networkNamespace, () =>
    {
        work();
        return true;
    });

    /// <summary>The calling thread's namespace.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static OwnedFd OpenOwn() =>
        OwnedFd.FromAnswer(Sys.openat(Sys.AT_FDCWD, "/proc/thread-self/ns/net", O.RDONLY), "open", "/proc/thread-self/ns/net");

    private static T OnThread<T>(Func<T> work)
    {
        T? result = default;
        ExceptionDispatchInfo? failure = null;
        Thread thread = new(
            () =>
            {
                try
                {
                    result = work();
                }
                catch (Exception e)
                {
                    failure = ExceptionDispatchInfo.Capture(e); // told to the thread that waits
                }
            },
            StackSize)
        { IsBackground = true, Name = "netns" };
        thread.Start();
        thread.Join();
        failure?.Throw();
        return result!;
    }
}
