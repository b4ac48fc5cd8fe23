using System.Text;
using Rundlet.Syscalls;

namespace Rundlet.Linux.Labels;

/// <summary>
/// Gives files that this thread makes a label from their first moment, until it is disposed: <c>/proc/thread-self/attr/fscreate</c>,
/// proc_pid_attr(5). Whoever is killed meanwhile leaves no file of which nobody knows whether it was still to be labelled.
/// </summary>
public sealed class NewFileLabel : IDisposable
{
    private const string Attribute = "/proc/thread-self/attr/fscreate";

    /// <summary>Begins.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public NewFileLabel(SelinuxLabel label) => Write(label.ToString());

    /// <inheritdoc/>
    public void Dispose() => Write("\n");

    private static void Write(string value)
    {
        using OwnedFd fd = FileIo.Open(Sys.AT_FDCWD, Attribute, O.WRONLY);
        FileIo.WriteAll(fd.Value, Encoding.UTF8.GetBytes(value), Attribute);
    }
}
