using System.Runtime.InteropServices;
using Rundlet.Syscalls;

namespace Rundlet.Cli.Terminal;

/// <summary>Gives the signals that this program gets to another one, as long as it is not disposed.</summary>
internal sealed class SignalForwarder : IDisposable
{
    private static readonly int[] s_forwarded = [SIG.HUP, SIG.INT, SIG.QUIT, SIG.TERM, SIG.USR1, SIG.USR2];

    private readonly List<PosixSignalRegistration> _registrations = [];

    /// <summary>Begins.</summary>
    /// <param name="forward">Gets a signal's number, on a thread of the pool; null leaves signals to do what they do by themselves.</param>
    /// <param name="resized">Called when the terminal has a new size; null to pay no attention.</param>
    public SignalForwarder(Action<int>? forward, Action? resized)
    {
        foreach (int signal in forward is null ? [] : s_forwarded)
        {
            _registrations.Add(PosixSignalRegistration.Create((PosixSignal)signal, context =>
            {
                context.Cancel = true;
                forward!(signal);
            }));
        }
        if (resized is not null)
            _registrations.Add(PosixSignalRegistration.Create(PosixSignal.SIGWINCH, _ => resized()));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in _registrations)
            registration.Dispose();
    }
}
