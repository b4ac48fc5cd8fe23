using Rundlet.Engine.Events;
using Rundlet.Engine.Lifecycle;
using Rundlet.Engine.State;
using Rundlet.Images;
using Rundlet.Images.References;
using Rundlet.Images.Snapshots;
using Rundlet.Images.Users;
using Rundlet.Linux;
using Rundlet.Oci;
using Rundlet.Syscalls;

namespace Rundlet.Engine.Images;

/// <summary>The images of an engine: the store, with its references in the state file and the image that comes with the program.</summary>
public sealed class ImageCatalog : IDisposable
{
    /// <summary>The name of the image that comes with the program.</summary>
    public const string EmbeddedName = "hello:latest";

    private readonly Lazy<Stream?> _embedded;
    private readonly ImageTable _table;
    private readonly EngineEvents _events;
    private readonly Dictionary<string, ContainerConfig?> _configs = [];

    internal ImageCatalog(EnginePaths paths, Database database, EngineEvents events, Func<Stream?>? embedded)
    {
        _embedded = new Lazy<Stream?>(() => embedded?.Invoke());
        _table = new ImageTable(database);
        _events = events;
        Store = new ImageStore(paths.Root, _table);
    }

    /// <summary>The store.</summary>
    public ImageStore Store { get; }

    /// <summary>An image by name or id, ready to make containers of.</summary>
    /// <exception cref="ContainerException">NotFound, or InvalidArgument: no name.</exception>
    public ResolvedImage Resolve(string nameOrId)
    {
        if (!IsEmbedded(nameOrId))
            return Resolve(Find(nameOrId));
        Stream layout = _embedded.Value!;
        layout.Position = 0;
        ImageReference name = ImageReference.Parse(nameOrId);
        ImageRecord embedded = Store.EnsureEmbedded(layout, name);
        return Resolve(new NamedImage(name.ToString(), embedded.Manifest, embedded));
    }

    /// <summary>An image that was found, ready to make containers of.</summary>
    /// <exception cref="ContainerException">NotFound: it was removed meanwhile.</exception>
    public ResolvedImage Resolve(NamedImage found)
    {
        Image image = Store.Read(found);
        IReadOnlyList<Digest> chainIds = Store.Unpack(image);
        return new ResolvedImage(image.Id.ToString(), image.Record.Manifest.ToString(), image.Config.Config ?? new ContainerConfig(), chainIds, WritableLayer.DescribeReadOnly(Store.Path, chainIds));
    }

    /// <summary>The same by the digest of its manifest.</summary>
    /// <inheritdoc cref="Resolve(NamedImage)" path="/exception"/>
    public ResolvedImage Resolve(Digest manifest)
    {
        ImageRecord record = _table.TryGetImage(manifest) ?? throw new ContainerException(ContainerErrorKind.NotFound, $"no such image '{manifest}'");
        return Resolve(new NamedImage(null, manifest, record));
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
        return ContainerUser.Find(new FolderRootFiles(root.Value), user, []);
    }

    /// <summary>All references, sorted by name.</summary>
    public IReadOnlyList<NamedImage> List() => Store.List();

    /// <inheritdoc cref="ImageTable.ListBriefly"/>
    public IReadOnlyList<NamedImage> ListBriefly() => _table.ListBriefly();

    /// <summary>Whether a name is that of the image that comes with the program, in a program that has one.</summary>
    public bool IsEmbedded(string nameOrId) =>
        ImageReference.TryParse(nameOrId, out ImageReference? reference) && reference.Familiar == EmbeddedName && _embedded.Value is not null;

    /// <summary>The name of an image that is here and that somebody may have meant; null where none is near.</summary>
    public string? Suggest(string name) =>
        Nearest.Of(name, List().Select(named => ImageReference.Parse(named.Name!)).SelectMany(known => (IEnumerable<string>)[known.Familiar, known.FamiliarName]));

    /// <summary>An image with its documents, by name or id.</summary>
    /// <exception cref="ContainerException">NotFound, with what may have been meant; or InvalidArgument: no name.</exception>
    public Image Inspect(string nameOrId) => WithHint(nameOrId, () => Store.Inspect(nameOrId));

    /// <summary>What an image says about how it is run; null where it is gone. Read once for each image.</summary>
    public ContainerConfig? TryConfig(string id)
    {
        if (_configs.TryGetValue(id, out ContainerConfig? known))
            return known;
        try
        {
            known = Store.Inspect(id).Config.Config;
        }
        catch (ContainerException e) when (e.Kind == ContainerErrorKind.NotFound)
        {
            known = null;
        }
        return _configs[id] = known;
    }

    /// <summary>The size of an image's packed layers in bytes; 0 where it is gone.</summary>
    public long SizeOf(string id) => TryFind(id)?.Image.Size ?? 0;

    /// <summary>What is known of an image by name or id; null where there is none, or the text is neither.</summary>
    public NamedImage? TryFind(string nameOrId)
    {
        try
        {
            return Store.Find(nameOrId);
        }
        catch (ContainerException e) when (e.Kind is ContainerErrorKind.NotFound or ContainerErrorKind.InvalidArgument)
        {
            return null;
        }
    }

    /// <summary>What is known of an image by name or id; reads no document.</summary>
    /// <inheritdoc cref="Inspect" path="/exception"/>
    public NamedImage Find(string nameOrId) => WithHint(nameOrId, () => Store.Find(nameOrId));

    /// <summary>Forgets a name or, with an id, an image; see <see cref="ImageStore.Remove"/>.</summary>
    /// <exception cref="ContainerException">NotFound, with what may have been meant; Conflict: a container uses it, or it has several names.</exception>
    public RemovedImages Remove(string nameOrId, bool force)
    {
        string id = Find(nameOrId).Image.Id.ToString();
        RemovedImages removed = WithHint(nameOrId, () => Store.Remove(nameOrId, force));
        foreach (string name in removed.Untagged)
            _events.Image("untag", id, ImageReference.Parse(name).Familiar);
        foreach (Digest deleted in removed.Deleted)
            _events.Image("delete", deleted.ToString(), null);
        return removed;
    }

    /// <summary>Gives an image one more name.</summary>
    /// <exception cref="ContainerException">NotFound, with what may have been meant; InvalidArgument: a name that is none.</exception>
    public void Tag(string nameOrId, string name)
    {
        ImageReference reference = ImageReference.Parse(name);
        WithHint(nameOrId, () =>
        {
            Store.Tag(nameOrId, reference);
            _events.Image("tag", Store.Find(reference.Familiar).Image.Id.ToString(), reference.Familiar);
            return true;
        });
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_embedded.IsValueCreated)
            _embedded.Value?.Dispose();
        Store.Dispose();
    }

    private T WithHint<T>(string nameOrId, Func<T> look)
    {
        try
        {
            return look();
        }
        catch (ContainerException e) when (e is { Kind: ContainerErrorKind.NotFound, Hint: null })
        {
            string? near = Suggest(nameOrId);
            throw new ContainerException(ContainerErrorKind.NotFound, $"no such image '{nameOrId}'")
            {
                Hint = near is null ? "rundlet images lists what there is; rundlet pull or rundlet import brings more" : $"did you mean '{near}'?",
            };
        }
    }
}
