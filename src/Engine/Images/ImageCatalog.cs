using Rundlet.Engine.Lifecycle;
using Rundlet.Engine.State;
using Rundlet.Images;
using Rundlet.Images.References;
using Rundlet.Images.Snapshots;
using Rundlet.Images.Users;
using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Engine.Images;

/// <summary>The images of an engine: the store, with its references in the state file and the image that comes with the program.</summary>
public sealed class ImageCatalog : IDisposable
{
    /// <summary>The name of the image that comes with the program.</summary>
    public const string EmbeddedName = "hello:latest";

    private readonly Func<Stream?>? _embedded;

    internal ImageCatalog(EnginePaths paths, Database database, Func<Stream?>? embedded)
    {
        _embedded = embedded;
        Store = new ImageStore(paths.Root, new ImageTable(database));
    }

    /// <summary>The store.</summary>
    public ImageStore Store { get; }

    /// <summary>An image by name or id, ready to make containers of.</summary>
    /// <exception cref="ContainerException">NotFound, or InvalidArgument: no name.</exception>
    public ResolvedImage Resolve(string nameOrId)
    {
        if (ImageReference.TryParse(nameOrId, out ImageReference? reference) && reference.Familiar == EmbeddedName && _embedded?.Invoke() is { } layout)
        {
            using (layout)
                Store.EnsureEmbedded(layout, reference);
        }
        Image image = Inspect(nameOrId);
        IReadOnlyList<Oci.Digest> chainIds = Store.Unpack(image);
        return new ResolvedImage(image.Id.ToString(), image.Record.Manifest.ToString(), image.Config.Config ?? new Oci.ContainerConfig(), chainIds, WritableLayer.DescribeReadOnly(Store.Path, chainIds));
    }

    /// <summary>The user of a name or number as a running container knows it, whatever its image said.</summary>
    /// <exception cref="ContainerException">Conflict: the container has ended; InvalidArgument: no such user.</exception>
    public static ContainerUser LookUpUser(ContainerStanding standing, string user)
    {
        // The link leads into the container's mount namespace; what lies behind it is looked up beneath this fd.
        int answer = standing.State is { } state ? Sys.openat(Sys.AT_FDCWD, $"/proc/{state.Pid}/root", O.PATH | O.DIRECTORY) : -(int)Errno.ESRCH;
        if (Sys.Is(answer, Errno.ENOENT) || Sys.Is(answer, Errno.ESRCH))
            throw new ContainerException(ContainerErrorKind.Conflict, "the container has ended");
        using OwnedFd root = OwnedFd.FromAnswer(answer, "open root of", "container");
        return ContainerUser.Of(ImageUsers.Resolve(new FolderRootFiles(root.Value), user));
    }

    /// <summary>All references, sorted by name.</summary>
    public IReadOnlyList<NamedImage> List() => Store.List();

    /// <inheritdoc/>
    public void Dispose() => Store.Dispose();

    private Image Inspect(string nameOrId)
    {
        try
        {
            return Store.Inspect(nameOrId);
        }
        catch (ContainerException e) when (e.Kind == ContainerErrorKind.NotFound)
        {
            string? near = Nearest.Of(nameOrId, List().Select(named => ImageReference.Parse(named.Name!)).SelectMany(known => (IEnumerable<string>)[known.Familiar, known.FamiliarName]));
            throw new ContainerException(ContainerErrorKind.NotFound, $"no such image '{nameOrId}'")
            {
                Hint = near is null ? "rundlet images lists what there is; rundlet import TAR NAME adds one" : $"did you mean '{near}'?",
            };
        }
    }
}
