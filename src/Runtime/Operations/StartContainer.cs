using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Rundlet.Init;
using Rundlet.Linux;
using Rundlet.Oci;
using Rundlet.Runtime.State;
using Rundlet.Syscalls;

namespace Rundlet.Runtime;

/// <summary><c>start</c>: lets a created container execute the user's program, and waits until it did.</summary>
public static class StartContainer
{
    /// <summary>Starts. Where a hook fails, the container is stopped and removed.</summary>
    /// <param name="store">The state folder.</param>
    /// <param name="id">The container.</param>
    /// <param name="warn">Gets the failures of poststop hooks, a line each.</param>
    /// <exception cref="ContainerException">It is not created, its program cannot be executed, or a hook failed.</exception>
    public static void Run(StateStore store, string id, Action<string>? warn = null)
    {
        ContainerHooks? hooks = null;
        ContainerException? failed;
        int pid;
        using (ContainerHandle container = ContainerHandle.Open(store, id))
        {
            RequireCreated(container);
            pid = container.State!.Pid;
            if (container.State.HasHooks)
                hooks = ContainerHooks.Of(container.State, container.LoadSpec());
            failed = StartProgram(container, hooks);
        }
        // Without the lock: the container runs, and a hook may want to do something with it.
        failed ??= RunPoststart(hooks, pid);
        if (failed is null)
            return;
        DeleteContainer.Run(store, id, force: true, warn);
        throw failed;
    }

    private static ContainerException? RunPoststart(ContainerHooks? hooks, int pid)
    {
        try
        {
            hooks?.Run(HookPoint.Poststart, pid);
            return null;
        }
        catch (ContainerException failed)
        {
            return failed;
        }
        catch (LinuxException failed)
        {
            return new ContainerException(ContainerErrorKind.Internal, "run the poststart hooks", failed);
        }
    }

    private static ContainerException? StartProgram(ContainerHandle container, ContainerHooks? hooks)
    {
        using OwnedFd result = FileIo.Open(container.Folder.Fd, ContainerFolder.ResultPipe, O.RDONLY | O.NONBLOCK | O.NOFOLLOW);
        int answer = Sys.openat(container.Folder.Fd, ContainerFolder.GoPipe, O.WRONLY | O.NONBLOCK | O.NOFOLLOW);
        if (Sys.Is(answer, Errno.ENXIO))
            throw new ContainerException(ContainerErrorKind.Conflict, $"cannot start a container that has stopped: '{container.Folder.Id}'");
        using (OwnedFd go = OwnedFd.FromAnswer(answer, "open", ContainerFolder.GoPipe))
            FileIo.WriteAll(go.Value, [1], ContainerFolder.GoPipe);
        ContainerException? failed = AwaitProgram(result, container, hooks);
        container.Folder.RemovePipes();
        return failed;
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

    // The container's end of the pipe is close-on-exec: end of file says that execve has happened, or, where its hooks
    // have not said that they are over, that it was killed. Null, or the failure of a hook.
    private static ContainerException? AwaitProgram(OwnedFd result, ContainerHandle container, ContainerHooks? hooks)
    {
        bool passed = container.State!.StartHookOps.Count == 0;
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
                return passed ? null : throw new ContainerException(ContainerErrorKind.Conflict, $"start container '{container.Folder.Id}': its first process is gone");
            StatusRecord record = MemoryMarshal.Read<StatusRecord>(buffer);
            if (record.Errno == 0)
            {
                passed = true;
                continue;
            }
            if (HookFailureOf(record, container.State, hooks) is { } failed)
                return failed;
            container.Folder.RemovePipes();
            Process? process = container.LoadSpec().Process;
            throw ChildFailure.OfExecution((Errno)record.Errno, process?.Args?[0] ?? "", process);
        }
    }

    private static ContainerException? HookFailureOf(StatusRecord record, SavedState state, ContainerHooks? hooks)
    {
        List<int> ops = state.StartHookOps;
        if (hooks is null || ops.Count == 0 || record.Op < ops[0] || record.Op >= ops[^1])
            return null;
        int index = ops.FindLastIndex(op => op <= record.Op);
        List<Oci.Hook> all = hooks.At(HookPoint.StartContainer);
        return HookFailure.Of(HookPoint.StartContainer, index, index < all.Count ? all[index].Path : "", record.Errno, "");
    }
}
