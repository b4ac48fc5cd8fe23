using System.Globalization;
using Rundlet.Linux;
using Rundlet.Runtime.Supervision;
using Rundlet.Syscalls;

namespace Rundlet.Supervisor;

/// <summary>Requests and other frames of clients, handed to the duty they are for.</summary>
internal sealed class ControlRequests(ContainerDuty container, ExecDuty exec, StopDuty stop, ExitDuty exit, NamesDuty names, PortsDuty ports) : IControlHandler
{
    /// <inheritdoc/>
    public void Handle(ControlClient client, ControlRequest request)
    {
        switch (request.Operation)
        {
            case ControlOperation.Attach:
                Attach(client, request);
                return;
            case ControlOperation.Exec:
                exec.Run(client, request);
                return;
            case ControlOperation.Stop:
                Stop(client, request);
                return;
            case ControlOperation.Restart:
                Restart(client, request);
                return;
            case ControlOperation.Signal:
                Signal(client, request.Signal ?? SIG.TERM);
                return;
            case ControlOperation.Wait:
                client.AwaitsExit = true;
                return;
            case ControlOperation.State:
                client.Send(new ControlResponse { State = container.State });
                return;
            default:
                Change(request);
                client.Send(ControlResponse.Done);
                return;
        }
    }

    /// <inheritdoc/>
    public bool TryHandle(ControlClient client, FrameType type, ReadOnlySpan<byte> payload)
    {
        StdinDuty? stdin = client.SendsStdin ? container.Stdio.Stdin : null;
        switch (type)
        {
            case FrameType.Stdin:
                stdin?.Write(payload, client);
                return client.SendsStdin;
            case FrameType.StdinEnd:
                stdin?.End();
                return client.SendsStdin;
            case FrameType.Detach:
                Detach(client);
                container.Events.Tell("detach");
                return true;
            case FrameType.Resize when Frame.TryReadSize(payload, out ushort rows, out ushort columns):
                if (container.Stdio.IsTerminal)
                    Resize(rows, columns);
                return true;
            default:
                return false;
        }
    }

    /// <inheritdoc/>
    public void Gone(ControlClient client)
    {
        Detach(client);
        exec.Forget(client);
    }

    private void Attach(ControlClient client, ControlRequest request)
    {
        if (client.AwaitsExit)
            throw new ContainerException(ContainerErrorKind.Conflict, "this connection is in use already");
        _ = container.Container; // one that waits for its restart has no streams: says so
        if (container.Stdio.IsLost)
        {
            throw new ContainerException(ContainerErrorKind.Conflict, $"the terminal of container '{container.Config.Id}' is gone, with a supervisor that was killed")
            {
                Hint = "restart the container, or use exec",
            };
        }
        client.AwaitsExit = true;
        client.SendsStdin = request.Stdin;
        client.Want(request.Stdout, request.Stderr);
        client.Send(ControlResponse.Done);
        container.Stdio.Attach(client);
        container.Events.Tell("attach");
    }

    private void Stop(ControlClient client, ControlRequest request)
    {
        ContainerDuty.RequireSignal(request.Signal ?? container.Config.StopSignal);
        client.AwaitsExit = true;
        exit.Restart.Stop();
        if (exit.Restart.IsWaiting)
            exit.GiveUp();
        else
            stop.Begin(request.Signal, request.TimeoutMs);
    }

    private void Restart(ControlClient client, ControlRequest request)
    {
        ContainerDuty.RequireSignal(request.Signal ?? container.Config.StopSignal);
        exit.Restart.AtOnce();
        if (exit.Restart.IsWaiting)
            container.AwaitRestart(container.LastExit!, isOfUser: true);
        else
            stop.Begin(request.Signal, request.TimeoutMs);
        client.AwaitsStart = true;
    }

    // One that asks for the end is the user's last word; others are for the program alone.
    private void Signal(ControlClient client, int signal)
    {
        bool ends = signal is SIG.KILL or SIG.TERM or SIG.INT or SIG.QUIT || signal == container.Config.StopSignal;
        if (ends)
            exit.Restart.Stop();
        bool waits = ends && exit.Restart.IsWaiting;
        if (!waits)
            container.Signal(signal);
        client.Send(ControlResponse.Done);
        if (waits)
            exit.GiveUp();
    }

    private void Detach(ControlClient client)
    {
        bool endsStdin = client.SendsStdin && container.Config.StdinOnce;
        client.SendsStdin = false;
        client.Want(stdout: false, stderr: false);
        container.Stdio.Detach(client);
        if (endsStdin)
            container.Stdio.Stdin?.End();
    }

    private void Change(ControlRequest request)
    {
        switch (request.Operation)
        {
            case ControlOperation.Resize:
                Resize(request.Rows, request.Columns);
                break;
            case ControlOperation.ClearLog:
                container.ClearLog();
                break;
            case ControlOperation.Pause:
                container.Pause();
                break;
            case ControlOperation.ServeNames:
                names.Begin();
                break;
            case ControlOperation.ServePorts:
                ports.Begin();
                break;
            default:
                container.Resume();
                break;
        }
    }

    private void Resize(ushort rows, ushort columns)
    {
        if (container.Stdio.Stdin is not { } terminal)
            throw new ContainerException(ContainerErrorKind.Conflict, "the container has no terminal");
        terminal.Resize(rows, columns);
        container.Events.Tell(
            "resize", new("height", rows.ToString(CultureInfo.InvariantCulture)), new("width", columns.ToString(CultureInfo.InvariantCulture)));
    }
}
