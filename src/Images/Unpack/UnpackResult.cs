namespace Rundlet.Images.Unpack;

/// <summary>What was unpacked.</summary>
/// <param name="Entries">How many entries the archive held.</param>
/// <param name="Bytes">How many bytes of file content were written; holes and second names do not count.</param>
public sealed record UnpackResult(long Entries, long Bytes)
{
    /// <summary>
    /// Folders that the archive does not list, empty for the root: what they are like the layers below say, see <see cref="ImpliedFolders"/>.
    /// Of each path a character is a byte.
    /// </summary>
    public IReadOnlyCollection<string> Implied { get; init; } = [];
}
