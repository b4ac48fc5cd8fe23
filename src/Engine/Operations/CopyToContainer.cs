using Rundlet.Engine.Copies;
using Rundlet.Engine.State;
using Rundlet.Images.Copies;
using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Engine.Operations;

/// <summary>Copies files into a container, whether it runs or not, also into its volumes and binds.</summary>
public static class CopyToContainer
{
    /// <summary>Copies files of this machine.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="record">The container.</param>
    /// <param name="source">The path here, absolute.</param>
    /// <param name="target">The path there; docker's rules, see <see cref="FileCopy"/>.</param>
    /// <param name="options">How; owners are those that the container sees.</param>
    /// <param name="notes">Is told.</param>
    /// <param name="cancellation">Ends it; what is not whole is taken back.</param>
    /// <exception cref="ContainerException">NotFound, Conflict, PermissionDenied, Unavailable: says which path, and why.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static void Run(ContainerEngine engine, ContainerRecord record, string source, string target, CopyOptions options, CopyNotes notes, CancellationToken cancellation = default)
    {
        ContainerRoot.Use(engine, record, container =>
        {
            using OwnedFd root = LocalRoot.Open();
            FileCopy.Run(LocalRoot.Of(root), source, container, target, options, notes, cancellation);
        });
        engine.Events.Container("copy", record);
    }

    /// <summary>Unpacks an archive into a folder of the container.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="record">The container.</param>
    /// <param name="archive">The archive, which may be packed.</param>
    /// <param name="target">The folder, which must be there.</param>
    /// <param name="notes">Is told.</param>
    /// <param name="cancellation">Ends it; files that are whole stay.</param>
    /// <inheritdoc cref="Run" path="/exception"/>
    public static void Unpack(ContainerEngine engine, ContainerRecord record, Stream archive, string target, CopyNotes notes, CancellationToken cancellation = default)
    {
        ContainerRoot.Use(engine, record, container => FileCopy.Unpack(archive, container, target, notes, cancellation));
        engine.Events.Container("copy", record);
    }
}
