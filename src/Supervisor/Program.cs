using Rundlet.Linux;
using Rundlet.Oci;
using Rundlet.Runtime;
using Rundlet.Runtime.Supervision;
using Rundlet.Syscalls;

namespace Rundlet.Supervisor;

// rundlet-supervisor CONTAINER_FOLDER RUN_FOLDER [adopt|users], with the launch line as fd 3.
//
// One a container: the parent of its first process. It owns what must outlive every command: stdio, the log, the exit record,
// the control socket. One managed thread around epoll, one duty a file:
//
//   ContainerDuty   create, start, undo             StdioDuty    output to log and clients      ContainerLog
//   SignalDuty      children, SIGTERM               StdinDuty    clients to stdin
//   StopDuty        signal, wait, kill              ExecDuty     further processes
//   ExitDuty        the end, told and recorded      EventDuty    what happens, in the event log
//   RestartDuty     whether and when again          MountDuty    volumes
//   HealthDuty      checks, and what follows        NamesDuty    names of other containers
//   PortsDuty       ports that the kernel cannot lead into the container
//   ControlSocket, ControlClient, ControlRequests
//
// No async, no tasks, no Console: each may start threads, and a second managed thread can hang the container's
// first process between clone3 and execve.

/// <summary>The life of a supervisor.</summary>
internal static class Program
{
    private static int Main(string[] args)
    {
        _ = Sys.prctl(PR.SET_CHILD_SUBREAPER, 1); // ignored: cannot fail
        _ = Sys.prctl(PR.SET_NAME, "rundlet-superv"u8); // ignored: cannot fail; executed through an fd, the name would be the fd's number
        bool adopts = args is [_, _, SupervisorProgram.AdoptArgument], onlyUsers = args is [_, _, SupervisorProgram.UsersArgument];
        if ((args.Length != 2 && !adopts && !onlyUsers) || !SignalDuty.AreBlocked() || Sys.fcntl(SupervisorProgram.LaunchLineFd, F.SETFD, 1 /* FD_CLOEXEC */) < 0)
        {
            _ = Sys.write(2, "rundlet-supervisor is started by rundlet, not by hand\n"u8); // ignored: nobody is left to be told
            return SupervisorFailure.OwnFailure;
        }
        using LaunchLine line = new(new OwnedFd(SupervisorProgram.LaunchLineFd));
        try
        {
            if (onlyUsers)
                return HandUsersOver(args[0], line);
            using Folders folders = new(args[0], args[1]);
            return Supervise(folders, line, adopts);
        }
        catch (Exception failed) when (failed is LinuxException or ContainerException or SpecFormatException)
        {
            line.Send(new LaunchMessage { Step = LaunchStep.Failed, Failure = SupervisorFailure.Of(failed) });
            return SupervisorFailure.OwnFailure;
        }
    }

    private static int Supervise(Folders folders, LaunchLine line, bool adopts)
    {
        using EventLoop loop = new();
        using ContainerDuty container = new(folders, loop);
        using ControlSocket socket = new(loop, folders.Run);
        if (adopts)
            container.Adopt();
        else if (!Create(container, line))
            return 0;
        using ExecDuty exec = new(loop, container);
        using StopDuty stop = new(loop, container);
        using NamesDuty names = new(loop, folders, container);
        using PortsDuty ports = new(loop, folders, container);
        using ExitDuty exit = new(loop, folders, container, socket);
        using HealthDuty health = new(loop, folders, container);
        using SignalDuty signals = new(loop, info => Reaped(info, container, health, exec, exit, line, loop), () => ShutDown(exit, stop));
        health.Unhealthy = action => Heal(action, container, exit, stop);
        exit.Ended = () =>
        {
            health.End();
            stop.End();
        };
        exit.Finishing = ports.End;
        exit.Restarted = () =>
        {
            names.TryBegin();
            ports.TryBegin();
            Started(container, health);
        };
        socket.CaughtUp = () => container.Stdio.Resume();
        socket.Serve(new ControlRequests(container, exec, stop, exit, names, ports));
        if (adopts)
        {
            names.TryBegin(adopts: true);
            ports.TryBegin();
            WatchAdopted(container, health, line, loop, exit);
        }
        else
        {
            AwaitStart(container, names, ports, health, line, loop);
        }
        try
        {
            loop.Run();
            exit.CleanUp();
        }
        catch (Exception failed) when (failed is LinuxException or ContainerException)
        {
            Trouble.Note(folders.Run, failed.Message); // the container runs on, without a supervisor
            return SupervisorFailure.OwnFailure;
        }
        return exit.Code;
    }

    // The ids are kept for the container as long as it is there: nobody needs to run for them to be its own.
    private static int HandUsersOver(string containerFolder, LaunchLine line)
    {
        using OwnedFd folder = FileIo.Open(Sys.AT_FDCWD, containerFolder, O.RDONLY | O.DIRECTORY);
        LinuxSpec? linux = SpecReader.Read(FileIo.ReadFile(folder.Value, "config.json", SpecReader.MaxBytes)).Linux;
        if (linux is not { UidMappings: { Count: > 0 } uids, GidMappings: { Count: > 0 } gids })
            throw new ContainerException(ContainerErrorKind.InvalidArgument, "the container has the host's ids");
        using OwnedFd users = IdMapNamespace.Make(uids, gids);
        line.Send(new LaunchMessage { Step = LaunchStep.Users }, users);
        return 0;
    }

    private static bool Create(ContainerDuty container, LaunchLine line)
    {
        using OwnedFd? root = container.Config.Overlay is { } overlay ? RootMount.Make(overlay, container.OpenUsers()) : null;
        if (line.Receive(LaunchStep.Network, out OwnedFd? network) is not { } word)
            return false;
        container.Create(root, network);
        try
        {
            container.Record(word.RestartCount);
            line.Send(new LaunchMessage { Step = LaunchStep.Created, Pid = container.Container.Pid });
            return true;
        }
        catch (Exception failed) when (failed is LinuxException or ContainerException)
        {
            container.Undo();
            throw;
        }
    }

    private static void AwaitStart(ContainerDuty container, NamesDuty names, PortsDuty ports, HealthDuty health, LaunchLine line, EventLoop loop) => loop.Add(line.Fd, EPOLL.IN, _ =>
    {
        loop.Remove(line.Fd);
        if (TryStart(container, names, ports, line))
            Started(container, health);
        else
            loop.Stop();
    });

    private static void WatchAdopted(ContainerDuty container, HealthDuty health, LaunchLine line, EventLoop loop, ExitDuty exit)
    {
        LiveContainer adopted = container.Container;
        loop.Add(adopted.Pidfd, EPOLL.IN, _ =>
        {
            loop.Remove(adopted.Pidfd);
            exit.End(ExitStatus.Of(adopted, container.State));
        });
        line.Send(new LaunchMessage { Step = LaunchStep.Started });
        line.Dispose();
        health.Continue();
        Trim(container);
    }

    private static void Started(ContainerDuty container, HealthDuty health)
    {
        container.NoteStart();
        health.Begin();
        Trim(container);
    }

    private static void Heal(UnhealthyAction action, ContainerDuty container, ExitDuty exit, StopDuty stop)
    {
        switch (action)
        {
            case UnhealthyAction.Restart:
                exit.Restart.Once();
                stop.Begin(null, null);
                break;
            case UnhealthyAction.Stop:
                exit.Restart.ShutDown();
                stop.Begin(null, null);
                break;
            case UnhealthyAction.Kill:
                stop.Begin(SIG.KILL, null);
                break;
        }
    }

    // False where nothing runs and nothing is left: the engine is gone, or the program cannot be executed.
    private static bool TryStart(ContainerDuty container, NamesDuty names, PortsDuty ports, LaunchLine line)
    {
        try
        {
            bool told = line.Receive(LaunchStep.Start, out OwnedFd? passed) is not null;
            passed?.Dispose();
            if (!told)
            {
                container.Undo();
                return false;
            }
            names.Begin();
            ports.Begin();
            container.Start();
            line.Send(new LaunchMessage { Step = LaunchStep.Started });
            line.Dispose();
            return true;
        }
        catch (Exception failed) when (failed is LinuxException or ContainerException or SpecFormatException)
        {
            container.Undo();
            line.Send(new LaunchMessage { Step = LaunchStep.Failed, Failure = SupervisorFailure.Of(failed) });
            return false;
        }
    }

    private static void Reaped(siginfo_t info, ContainerDuty container, HealthDuty health, ExecDuty exec, ExitDuty exit, LaunchLine line, EventLoop loop)
    {
        if (info.si_pid != container.Pid)
        {
            _ = health.TryEnd(info) || exec.TryEnd(info); // ignored: else it is an orphan of the container, and being reaped was all it needed
        }
        else if (container.StartedAt is not null)
        {
            exit.End(info);
        }
        else
        {
            container.Undo();
            ContainerException killed = new(ContainerErrorKind.Conflict, $"container '{container.Config.Id}' was killed before its start");
            line.Send(new LaunchMessage { Step = LaunchStep.Failed, Failure = SupervisorFailure.Of(killed) });
            loop.Stop();
        }
    }

    private static void ShutDown(ExitDuty exit, StopDuty stop)
    {
        if (exit.IsOver)
            return; // there is nothing left to stop, and not even a cgroup to ask
        exit.Restart.ShutDown();
        if (exit.Restart.IsWaiting)
            exit.GiveUp();
        else
            stop.Begin(null, null);
    }

    // What the start has used is not needed any more: most of an idle supervisor's memory would be that.
    private static void Trim(ContainerDuty container)
    {
        container.Forget();
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        OwnMemory.GiveBack();
    }
}
