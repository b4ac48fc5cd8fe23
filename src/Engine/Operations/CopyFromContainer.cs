using Rundlet.Engine.Copies;
using Rundlet.Engine.State;
using Rundlet.Images.Copies;
using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Engine.Operations;

/// <summary>Copies files out of a container, whether it runs or not, with those of its volumes and binds.</summary>
public static class CopyFromContainer
{
    /// <summary>Copies them to this machine.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="record">The container.</param>
    /// <param name="source">The path there.</param>
    /// <param name="target">The path here, absolute; docker's rules, see <see cref="FileCopy"/>.</param>
    /// <param name="options">How.</param>
    /// <param name="notes">Is told.</param>
    /// <param name="cancellation">Ends it; what is not whole is taken back.</param>
    /// <exception cref="ContainerException">NotFound, Conflict, PermissionDenied, Unavailable: says which path, and why.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static void Run(ContainerEngine engine, ContainerRecord record, string source, string target, CopyOptions options, CopyNotes notes, CancellationToken cancellation = default)
    {
        ContainerRoot.Use(engine, record, container =>
        {
            using OwnedFd root = LocalRoot.Open();
            FileCopy.Run(container, source, LocalRoot.Of(root), target, options, notes, cancellation);
        });
        engine.Events.Container("copy", record);
    }

    /// <summary>Writes them as an archive.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="record">The container.</param>
    /// <param name="source">The path there.</param>
    /// <param name="archive">Gets the archive.</param>
    /// <param name="options">How; owners stay.</param>
    /// <param name="notes">Is told.</param>
    /// <param name="cancellation">Ends it; what was written so far is no archive.</param>
    /// <inheritdoc cref="Run" path="/exception"/>
    public static void Pack(ContainerEngine engine, ContainerRecord record, string source, Stream archive, CopyOptions options, CopyNotes notes, CancellationToken cancellation = default)
    {
        ContainerRoot.Use(engine, record, container => FileCopy.Pack(container, source, archive, options, notes, cancellation));
        engine.Events.Container("copy", record);
    }
}
