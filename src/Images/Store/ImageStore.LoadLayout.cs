using Rundlet.Images.Archives;
using Rundlet.Images.Platforms;
using Rundlet.Images.References;
using Rundlet.Linux;
using Rundlet.Oci;

namespace Rundlet.Images;

public sealed partial class ImageStore
{
    private const int MaxIndexDepth = 4;

    /// <summary>
    /// The images of an OCI layout: of those with one name, the one for the platform. What is no image, such as a signature or a
    /// provenance, is passed over.
    /// </summary>
    private List<FoundImage> FindInLayout(ArchiveIntake intake, ImagePlatform? wanted)
    {
        byte[] header = intake.TryDocument("oci-layout")!;
        _ = ReadDocument(() => ImageReader.ReadLayout(header), "'oci-layout'"); // ignored: it says nothing but its version
        byte[] json = intake.TryDocument("index.json") ?? throw new ContainerException(ContainerErrorKind.InvalidArgument, "not an image layout: 'index.json' is missing");
        ImageIndex index = ReadDocument(() => ImageReader.ReadIndex(json), "'index.json'");
        ILookup<Digest, ImageReference> docker = NamesInDockerManifest(intake);
        List<FoundImage> found = [];
        foreach ((ImageReference? name, List<Descriptor> choices) in ByName(index))
        {
            List<Descriptor> path = [];
            if (Select(Choose(choices, wanted), wanted, path) is not { } manifest)
                continue;
            List<ImageReference> names = name is not null ? [name] : [.. docker[manifest.Config.Digest]];
            found.Add(new FoundImage(names, path[^1], path[..^1]));
        }
        return found;
    }

    /// <summary>Docker writes names into <c>manifest.json</c> beside a layout.</summary>
    private static ILookup<Digest, ImageReference> NamesInDockerManifest(ArchiveIntake intake)
    {
        IReadOnlyList<DockerManifest> images = intake.TryDocument(DockerManifest.FileName) is { } json ? DockerManifest.Read(json) : [];
        return images.SelectMany(image => image.RepoTags.Select(tag => (intake.Blob(image.Config).Digest, Name: ImageReference.Parse(tag))))
            .ToLookup(pair => pair.Digest, pair => pair.Name);
    }

    /// <summary>Images of one name, or without one, are one image for several platforms, if they tell them and no platform comes twice.</summary>
    private static List<(ImageReference? Name, List<Descriptor> Choices)> ByName(ImageIndex index)
    {
        List<(ImageReference? Name, List<Descriptor> Choices)> groups = [];
        foreach (Descriptor descriptor in index.Manifests)
        {
            ImageReference? name = NameOf(descriptor);
            List<Descriptor>? group = groups.Find(other => other.Name == name && other.Choices.TrueForAll(choice => IsOther(choice.Platform, descriptor.Platform))).Choices;
            if (group is not null)
                group.Add(descriptor);
            else
                groups.Add((name, [descriptor]));
        }
        return groups;
    }

    private static bool IsOther(Platform? one, Platform? two) => one is not null && two is not null && ImagePlatform.Of(one) != ImagePlatform.Of(two);

    private static ImageReference? NameOf(Descriptor descriptor)
    {
        Dictionary<string, string> annotations = descriptor.Annotations ?? [];
        string? text = annotations.GetValueOrDefault(OciArchive.ContainerdAnnotation) ?? annotations.GetValueOrDefault(OciArchive.ReferenceAnnotation);
        return text is not null && ImageReference.TryParse(text, out ImageReference? name) ? name : null; // any text is allowed there
    }

    private Descriptor Choose(IReadOnlyList<Descriptor> choices, ImagePlatform? wanted) => choices is [var only]
        ? only
        : (wanted ?? ImagePlatform.Machine).Choose(choices, IsHere) ?? throw NoImageFor(wanted ?? ImagePlatform.Machine, choices);

    private bool IsHere(Descriptor descriptor) => Content.SizeOf(descriptor.Digest) == descriptor.Size;

    /// <summary>Goes down from an index to the manifest for the platform; null when it ends at something that is no image.</summary>
    /// <param name="descriptor">Where to begin.</param>
    /// <param name="wanted">The platform; null for this machine's where there is a choice.</param>
    /// <param name="path">Gets all documents on the way, the manifest last.</param>
    private ImageManifest? Select(Descriptor descriptor, ImagePlatform? wanted, List<Descriptor> path)
    {
        path.Add(descriptor);
        byte[] json = ReadBlob(descriptor);
        ManifestKind kind = ReadDocument(() => ImageReader.DetectKind(json, descriptor.MediaType), $"document '{descriptor.Digest}'");
        if (kind == ManifestKind.Manifest)
        {
            ImageManifest manifest = ReadDocument(() => ImageReader.ReadManifest(json), $"manifest '{descriptor.Digest}'");
            if (manifest.Config.MediaType is not (MediaTypes.Config or MediaTypes.DockerConfig))
                return null;
            RefuseOtherPlatform(manifest, wanted);
            return manifest;
        }
        if (path.Count > MaxIndexDepth)
            throw new ContainerException(ContainerErrorKind.InvalidArgument, $"more than {MaxIndexDepth} indexes inside each other");
        ImageIndex index = ReadDocument(() => ImageReader.ReadIndex(json), $"index '{descriptor.Digest}'");
        return Select(Choose(index.Manifests, wanted), wanted, path);
    }

    private byte[] ReadBlob(Descriptor descriptor)
    {
        if (!IsHere(descriptor))
            throw new ContainerException(ContainerErrorKind.InvalidArgument, $"the archive has no blob '{descriptor.Digest}' of {descriptor.Size} bytes");
        return Content.ReadAll(descriptor.Digest, descriptor.Size, ImageReader.MaxManifestBytes);
    }

    private ContainerException NoImageFor(ImagePlatform platform, IReadOnlyList<Descriptor> choices)
    {
        List<string> others = [.. choices.Where(choice => choice.Platform is not null && IsHere(choice)).Select(choice => ImagePlatform.Of(choice.Platform!).ToString()).Distinct()];
        return new ContainerException(ContainerErrorKind.NotFound, $"the archive has no image for '{platform}'")
        {
            Hint = others.Count > 0 ? $"it has {string.Join(", ", others)}; --platform chooses" : null,
        };
    }
}
