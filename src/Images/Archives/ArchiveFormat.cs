namespace Rundlet.Images.Archives;

/// <summary>Forms of archives that hold images; the names people write are podman's.</summary>
public enum ArchiveFormat
{
    /// <summary><c>docker-archive</c>: what <c>docker save</c> wrote from version 1.10 to 24: <c>manifest.json</c>, configurations, unpacked layers.</summary>
    Docker,

    /// <summary><c>oci-archive</c>: an OCI image layout (image-spec, image-layout.md); keeps manifests, and so digests, as they are.</summary>
    Oci,
}
