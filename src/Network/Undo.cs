using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Network;

/// <summary>What to take back when a later step fails, last step first.</summary>
internal sealed class Undo
{
    private readonly Stack<Action> _steps = [];

    /// <summary>Notes how to take the step back that was just done.</summary>
    public void Push(Action step) => _steps.Push(step);

    /// <summary>Takes all steps back.</summary>
    public void Run()
    {
        while (_steps.TryPop(out Action? step))
        {
            try
            {
                step();
            }
            catch (Exception e) when (e is LinuxException or ContainerException)
            {
                _ = e; // ignored: the error that led here is the one to tell; the next clean-up finds what is left
            }
        }
    }
}
