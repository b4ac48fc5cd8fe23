namespace Rundlet.Oci;

/// <summary>Media types of image documents and layers: image-spec 1.1, media-types.md, and Docker image manifest version 2, schema 2.</summary>
public static class MediaTypes
{
    public const string LayoutHeader = "application/vnd.oci.layout.header.v1+json";
    public const string Index = "application/vnd.oci.image.index.v1+json";
    public const string Manifest = "application/vnd.oci.image.manifest.v1+json";
    public const string Config = "application/vnd.oci.image.config.v1+json";
    public const string Empty = "application/vnd.oci.empty.v1+json";

    public const string Layer = "application/vnd.oci.image.layer.v1.tar";
    public const string LayerGzip = "application/vnd.oci.image.layer.v1.tar+gzip";
    public const string LayerZstd = "application/vnd.oci.image.layer.v1.tar+zstd";

    /// <summary>Layers that must not be pushed elsewhere; the specification deprecates them, old images have them.</summary>
    public const string NondistributableLayer = "application/vnd.oci.image.layer.nondistributable.v1.tar";

    /// <inheritdoc cref="NondistributableLayer"/>
    public const string NondistributableLayerGzip = "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip";

    /// <inheritdoc cref="NondistributableLayer"/>
    public const string NondistributableLayerZstd = "application/vnd.oci.image.layer.nondistributable.v1.tar+zstd";

    public const string DockerManifestList = "application/vnd.docker.distribution.manifest.list.v2+json";
    public const string DockerManifest = "application/vnd.docker.distribution.manifest.v2+json";
    public const string DockerConfig = "application/vnd.docker.container.image.v1+json";
    public const string DockerLayer = "application/vnd.docker.image.rootfs.diff.tar";
    public const string DockerLayerGzip = "application/vnd.docker.image.rootfs.diff.tar.gzip";
    public const string DockerForeignLayerGzip = "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip";

    /// <summary>A manifest of either family.</summary>
    public static bool IsManifest(string? mediaType) => mediaType is Manifest or DockerManifest;

    /// <summary>An index of either family.</summary>
    public static bool IsIndex(string? mediaType) => mediaType is Index or DockerManifestList;
}
