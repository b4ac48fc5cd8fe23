namespace Rundlet.Engine.Cdi;

/// <summary>One specification file.</summary>
/// <param name="Path">Where it lies.</param>
/// <param name="Kind">What sort of devices it has.</param>
/// <param name="Edits">What each of them changes.</param>
/// <param name="Devices">What a single one changes besides, by its name.</param>
public sealed record CdiFile(string Path, string Kind, CdiEdits Edits, IReadOnlyDictionary<string, CdiEdits> Devices);
