namespace Rundlet.Images.Users;

/// <summary>A range of ids of the host, of users and groups alike, that a container's ids from 0 on are.</summary>
/// <param name="First">What 0 is.</param>
/// <param name="Size">How many there are.</param>
public readonly record struct IdRange(uint First, uint Size)
{
    /// <summary>The id on the host.</summary>
    /// <param name="id">An id of the container, below <see cref="Size"/>.</param>
    public uint ToHost(uint id) => First + id;

    /// <summary>The id in the container; one outside of the range stays as it is, as layers of images have it.</summary>
    public uint ToContainer(uint id) => id >= First && id - First < Size ? id - First : id;
}
