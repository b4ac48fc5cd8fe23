namespace Rundlet.Images.Diffs;

/// <summary>What was packed.</summary>
/// <param name="Entries">How many entries the archive has.</param>
/// <param name="Bytes">How many bytes of file content were read; holes and second names do not count.</param>
public readonly record struct PackResult(long Entries, long Bytes);
