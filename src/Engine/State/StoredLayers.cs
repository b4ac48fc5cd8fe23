using System.Collections;
using Rundlet.Oci;

namespace Rundlet.Engine.State;

/// <summary>The layers of an image, read from the state file when somebody looks at them.</summary>
/// <remarks>Only for lists that are shown: with the image its layers are gone from the file.</remarks>
internal sealed class StoredLayers(Database database, Digest manifest) : IReadOnlyList<Digest>
{
    private List<Digest>? _layers;

    /// <inheritdoc/>
    public int Count => Layers.Count;

    /// <inheritdoc/>
    public Digest this[int index] => Layers[index];

    private List<Digest> Layers => _layers ??= Read();

    /// <inheritdoc/>
    public IEnumerator<Digest> GetEnumerator() => Layers.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private List<Digest> Read()
    {
        using Statement statement = database.Prepare("SELECT chain_id FROM image_layers WHERE manifest = ?1 ORDER BY position");
        statement.Bind(1, manifest.ToString());
        List<Digest> layers = [];
        while (statement.Next())
            layers.Add(Digest.Parse(statement.Text(0)));
        return layers;
    }
}
