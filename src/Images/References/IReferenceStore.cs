using Rundlet.Linux;

namespace Rundlet.Images.References;

/// <summary>
/// Where references are kept: normal form of the name to what it points at. Each method is one step for all processes that use
/// the store, and what it changed survives a power cut.
/// </summary>
public interface IReferenceStore
{
    /// <summary>What a reference points at; null when it is not known.</summary>
    ImageRecord? TryGet(string reference);

    /// <summary>Points a reference at an image, whatever it pointed at before.</summary>
    void Set(string reference, ImageRecord record);

    /// <summary>Forgets a reference; false when it was not known.</summary>
    bool Remove(string reference);

    /// <summary>All references, sorted by name (ordinal).</summary>
    IReadOnlyList<KeyValuePair<string, ImageRecord>> List();
}
