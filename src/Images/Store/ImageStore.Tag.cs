using Rundlet.Images.References;
using Rundlet.Linux;

namespace Rundlet.Images;

public sealed partial class ImageStore
{
    /// <summary>Gives an image one more name.</summary>
    /// <param name="nameOrId">As for <see cref="Inspect"/>.</param>
    /// <param name="name">The name; one that another image has moves to this one.</param>
    /// <exception cref="ContainerException">As for <see cref="Inspect"/>; <see cref="ContainerErrorKind.InvalidArgument"/>: a name with a digest.</exception>
    public void Tag(string nameOrId, ImageReference name)
    {
        if (!name.Digest.IsEmpty)
            throw new ContainerException(ContainerErrorKind.InvalidArgument, $"an image cannot be tagged '{name.Familiar}': a digest comes from the content") { Hint = "leave out what begins with '@'" };
        NamedImage found = Find(nameOrId);
        _database.Set(found with { Name = name.ToString() }, []);
    }
}
