namespace Rundlet.Images.Copies;

/// <summary>How files are copied.</summary>
public sealed record CopyOptions
{
    /// <summary>Whether a link at the end of the source's path is followed.</summary>
    public bool Follow { get; init; }

    /// <summary>Whose the copies become, in the ids that people mean; null keeps their owners.</summary>
    public CopyIds? Owner { get; init; }
}
