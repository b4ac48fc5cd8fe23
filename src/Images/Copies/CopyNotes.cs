namespace Rundlet.Images.Copies;

/// <summary>What is told of a copy while it is made.</summary>
public sealed class CopyNotes
{
    /// <summary>Gets the bytes of content that were copied so far; null for nobody.</summary>
    public Action<long>? Progress { get; init; }

    /// <summary>Gets a sentence about each thing that was left out; null for nobody.</summary>
    public Action<string>? Skipped { get; init; }

    /// <summary>Bytes of content so far, holes and second names not counted.</summary>
    public long Bytes { get; private set; }

    internal void Count(int bytes)
    {
        Bytes += bytes;
        Progress?.Invoke(Bytes);
    }
}
