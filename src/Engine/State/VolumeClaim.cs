namespace Rundlet.Engine.State;

/// <summary>A process' right to change a volume, as <see cref="ContainerClaim"/> is for containers.</summary>
/// <param name="Owner">Whose it is.</param>
/// <param name="Purpose">What for: one of the constants here.</param>
public sealed record VolumeClaim(ProcessIdentity Owner, string Purpose)
{
    /// <summary>Its files are being removed, and then its row.</summary>
    public const string Remove = "remove";

    /// <summary>It gets another name.</summary>
    public const string Rename = "rename";

    /// <summary>Files are being put into it.</summary>
    public const string Fill = "fill";
}
