using System.Text;
using Rundlet.Oci;

namespace Rundlet.Images.Layers;

/// <summary>Names of stacks of layers (image-spec, config.md, "Layer ChainID").</summary>
public static class ChainIds
{
    /// <summary>For each layer, lowest first, the name of it and everything below it.</summary>
    public static IReadOnlyList<Digest> Of(IReadOnlyList<Digest> diffIds)
    {
        var chain = new Digest[diffIds.Count];
        for (int i = 0; i < chain.Length; i++)
            chain[i] = i == 0 ? diffIds[0] : Digest.Of(Encoding.ASCII.GetBytes($"{chain[i - 1]} {diffIds[i]}"));
        return chain;
    }
}
