using Rundlet.Engine.Images;
using Rundlet.Engine.State;
using Rundlet.Images.Diffs;
using Rundlet.Linux;

namespace Rundlet.Engine.Operations;

/// <summary>Lists what a container changed in the files of its image.</summary>
public static class DiffContainer
{
    /// <summary>Lists it, sorted by path.</summary>
    /// <exception cref="ContainerException">NotFound: it is gone, or half made.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static IReadOnlyList<TreeChange> Run(ContainerEngine engine, ContainerRecord record, CancellationToken cancellation = default)
    {
        using ContainerFiles files = ContainerFiles.Open(engine, record);
        return TreeChanges.Find(files.Upper.Value, files.Lower.Value, files.FindStubs(), cancellation, engine.IdRanges.Of(record.Id));
    }
}
