namespace Rundlet.Images.Unpack;

/// <summary>What was unpacked.</summary>
/// <param name="Entries">How many entries the archive held.</param>
/// <param name="Bytes">How many bytes of file content were written; holes and second names do not count.</param>
public readonly record struct UnpackResult(long Entries, long Bytes);
