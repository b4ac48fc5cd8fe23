using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Rundlet.Init;
using Rundlet.Linux;
using Rundlet.Runtime.State;
using Rundlet.Syscalls;

namespace Rundlet.Runtime;

/// <summary><c>start</c>: lets a created container execute the user's program, and waits until it did.</summary>
public static class StartContainer
{
    /// <summary>Starts.</summary>
    /// <exception cref="ContainerException">It is not created, or its program cannot be executed.</exception>
    public static void Run(StateStore store, string id)
    {
        using ContainerHandle container = ContainerHandle.Open(store, id);
        RequireCreated(container);
        using OwnedFd result = FileIo.Open(container.Folder.Fd, ContainerFolder.ResultPipe, O.RDONLY | O.NONBLOCK | O.NOFOLLOW);
        int answer = Sys.openat(container.Folder.Fd, ContainerFolder.GoPipe, O.WRONLY | O.NONBLOCK | O.NOFOLLOW);
        if (Sys.Is(answer, Errno.ENXIO))
            throw new ContainerException(ContainerErrorKind.Conflict, $"cannot start a container that has stopped: '{id}'");
        using (OwnedFd go = OwnedFd.FromAnswer(answer, "open", ContainerFolder.GoPipe))
            FileIo.WriteAll(go.Value, [1], ContainerFolder.GoPipe);
        ThrowIfFailed(result, container);
        container.Folder.RemovePipes();
    }

    private static void RequireCreated(ContainerHandle container)
    {
        string id = container.Folder.Id;
        switch (container.Status)
        {
            case ContainerStatus.Created:
                return;
            case ContainerStatus.Stopped:
                throw new ContainerException(ContainerErrorKind.Conflict, $"cannot start a container that has stopped: '{id}'");
            case ContainerStatus.Creating:
                throw new ContainerException(ContainerErrorKind.Conflict, $"cannot start container '{id}': it is being created");
            case ContainerStatus.Paused:
                throw new ContainerException(ContainerErrorKind.Conflict, $"cannot start a container in the paused state: '{id}'") { Hint = $"let it go on first: resume {id}" };
            default:
                throw new ContainerException(ContainerErrorKind.Conflict, $"cannot start an already running container: '{id}'");
        }
    }

    // The container's end of the pipe is close-on-exec: end of file says that execve has happened.
    private static void ThrowIfFailed(OwnedFd result, ContainerHandle container)
    {
        Span<byte> buffer = stackalloc byte[Unsafe.SizeOf<StatusRecord>()];
        Span<pollfd> wait = [new pollfd { fd = result.Value, events = POLL.IN }];
        while (true)
        {
            int ready = Sys.poll(wait, -1);
            if (!Sys.Is(ready, Errno.EINTR))
                LinuxException.ThrowIfError(ready, "poll", ContainerFolder.ResultPipe);
            nint got = Sys.read(result.Value, buffer);
            if (Sys.Is(got, Errno.EAGAIN) || Sys.Is(got, Errno.EINTR))
                continue;
            if (LinuxException.ThrowIfError(got, "read", ContainerFolder.ResultPipe) < buffer.Length)
                return;
            StatusRecord record = MemoryMarshal.Read<StatusRecord>(buffer);
            container.Folder.RemovePipes();
            throw ChildFailure.OfExecutable((Errno)record.Errno, container.LoadSpec().Process?.Args?[0] ?? "");
        }
    }
}
