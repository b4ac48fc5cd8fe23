namespace Rundlet.Images.Tests.Hostile;

/// <summary>All hostile archives of layers, by name.</summary>
internal static partial class LayerCorpus
{
    public static IReadOnlyDictionary<string, HostileLayer> All { get; } = new[] { Paths, HardLinks, Whiteouts, Kinds, Names, Numbers, Sparse, Attributes, Packing }
        .SelectMany(cases => cases).ToDictionary(one => one.Name, StringComparer.Ordinal);
}
