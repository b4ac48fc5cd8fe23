using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Network;

/// <summary>Steps that are all done, whatever happens to one of them; the errors are told together.</summary>
internal sealed class Teardown(string what)
{
    private readonly List<Exception> _errors = [];

    /// <summary>Does a step; its error is kept.</summary>
    public void Step(Action step)
    {
        try
        {
            step();
        }
        catch (Exception e) when (e is LinuxException or ContainerException or IOException or UnauthorizedAccessException)
        {
            _errors.Add(e);
        }
    }

    /// <summary>Tells all errors.</summary>
    /// <exception cref="ContainerException">There were some.</exception>
    public void ThrowIfFailed()
    {
        if (_errors.Count == 0)
            return;
        string others = string.Concat(_errors.Skip(1).Select(static e => $"; {e.Message}"));
        Exception first = _errors[0];
        ContainerErrorKind kind = (first as ContainerException)?.Kind ?? ContainerErrorKind.Internal;
        throw others.Length == 0
            ? new ContainerException(kind, what, first)
            : new ContainerException(kind, $"{what}: {first.Message}{others}");
    }
}
