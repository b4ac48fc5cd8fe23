namespace Rundlet.Engine.Images;

/// <summary>How a container's root file system is put together from layers.</summary>
public enum StorageDriver
{
    /// <summary>An overlay of the layers and a writable one: nothing is copied.</summary>
    Overlay,

    /// <summary>A copy of all layers for each container, where the kernel has no overlayfs.</summary>
    Copy,
}
