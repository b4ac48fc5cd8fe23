namespace Rundlet.Images.References;

/// <summary>Names without a registry, which are looked for in several.</summary>
public static class ShortNames
{
    /// <summary>What a name may mean, the most likely first: the name itself where it names a registry, else one reference for each search registry.</summary>
    /// <param name="text">What a person typed.</param>
    /// <param name="search">Registries to look in, as <c>registries.json</c> names them; none is as Docker's own alone.</param>
    /// <exception cref="Linux.ContainerException">InvalidArgument: it is no reference; says why.</exception>
    public static IReadOnlyList<ImageReference> Candidates(string text, IReadOnlyList<string> search)
    {
        ImageReference docker = ImageReference.Parse(text);
        if (search.Count == 0 || ImageReference.NamesRegistry(text))
            return [docker];
        return [.. search.Select(registry => registry == docker.Registry ? docker : ImageReference.Parse($"{registry}/{text}")).Distinct()];
    }
}
