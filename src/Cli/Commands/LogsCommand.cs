using System.Text;
using Rundlet.Cli.CommandLine;
using Rundlet.Cli.Terminal;
using Rundlet.Engine;
using Rundlet.Engine.Logs;
using Rundlet.Engine.Operations;
using Rundlet.Engine.State;
using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Cli.Commands;

internal sealed class LogsCommand : Command
{
    private const int FlushBytes = 32 << 10;

    public override string Name => "logs";

    public override string Usage => "CONTAINER";

    public override string Summary => "Print what a container has written.";

    public override IReadOnlyList<Option> Options =>
    [
        new("follow", 'f', null, "go on until the container ends"),
        new("tail", 'n', "LINES|all", "only the last lines"),
        new("timestamps", 't', null, "the time before each line"),
    ];

    public override int Run(Session session, Arguments arguments)
    {
        if (arguments.Words.Count != 1)
            throw Wants(arguments, "one container");
        long? tail = arguments.Value("tail") is null or "all" ? null : arguments.Number("tail", -1);
        using ContainerEngine engine = session.OpenEngine();
        ContainerRecord record = engine.Containers.Get(arguments.Words[0]);
        bool follow = arguments.Has("follow");
        using var canceled = new CancellationTokenSource();
        using SignalForwarder? signals = follow ? new SignalForwarder(_ => canceled.Cancel(), null) : null;
        using var output = new LogOutput(arguments.Has("timestamps"));
        try
        {
            ContainerLogs.Run(engine, record, tail is -1 ? null : tail, follow, output.Write, output.Flush, canceled.Token);
            return 0;
        }
        catch (OperationCanceledException)
        {
            return 128 + SIG.INT;
        }
        catch (LinuxException e) when (e.Errno == Errno.EPIPE)
        {
            return 128 + SIG.PIPE;
        }
    }

    /// <summary>Lines to the stream that they were written to, many in one write.</summary>
    private sealed class LogOutput(bool timestamps) : IDisposable
    {
        private readonly MemoryStream _pending = new();
        private int _fd = 1;

        public void Write(LogRecord record)
        {
            int fd = record.IsError ? 2 : 1;
            if (fd != _fd || _pending.Length > FlushBytes)
                Flush();
            _fd = fd;
            if (timestamps)
                _pending.Write(Encoding.ASCII.GetBytes(record.Time + " "));
            _pending.Write(record.Text);
        }

        public void Flush()
        {
            FileIo.WriteAll(_fd, _pending.GetBuffer().AsSpan(0, (int)_pending.Length), "standard output");
            _pending.SetLength(0);
        }

        public void Dispose() => _pending.Dispose();
    }
}
