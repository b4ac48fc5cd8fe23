using System.Runtime.InteropServices;
using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Cli.Terminal;

/// <summary>Ctrl-C while a long work is done: the first asks it to end, the second ends the program at once. What only watches ends with the first.</summary>
internal sealed class Interrupt : IDisposable
{
    private readonly CancellationTokenSource _source = new();
    private readonly PosixSignalRegistration _registration;

    private Interrupt() => _registration = PosixSignalRegistration.Create(PosixSignal.SIGINT, context =>
    {
        // Left uncanceled, the signal does what it does by default.
        if (_source.IsCancellationRequested)
            return;
        context.Cancel = true;
        _source.Cancel();
    });

    /// <summary>Does work that can be interrupted.</summary>
    /// <param name="what">What the error says was interrupted, as in <c>pull of 'hello'</c>.</param>
    /// <param name="hint">What to do then; null for nothing.</param>
    /// <param name="work">The work.</param>
    /// <exception cref="ContainerException">Canceled: it was interrupted; or the work's own.</exception>
    public static T Run<T>(string what, string? hint, Func<CancellationToken, T> work)
    {
        using var interrupt = new Interrupt();
        try
        {
            return work(interrupt._source.Token);
        }
        catch (OperationCanceledException) when (interrupt._source.IsCancellationRequested)
        {
            throw new ContainerException(ContainerErrorKind.Canceled, $"{what} was interrupted") { Hint = hint };
        }
    }

    /// <summary>Watches something until it is over, or until a signal ends the watching, which is no error.</summary>
    /// <returns>The exit code.</returns>
    public static int Watch(Func<CancellationToken, int> watch)
    {
        using var canceled = new CancellationTokenSource();
        using SignalForwarder signals = new(_ => canceled.Cancel(), null);
        try
        {
            return watch(canceled.Token);
        }
        catch (OperationCanceledException) when (canceled.IsCancellationRequested)
        {
            return 128 + SIG.INT;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _registration.Dispose();
        _source.Dispose();
    }
}
