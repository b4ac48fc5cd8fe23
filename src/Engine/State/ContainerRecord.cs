namespace Rundlet.Engine.State;

/// <summary>A container's row.</summary>
public sealed record ContainerRecord
{
    /// <summary>64 hexadecimal digits.</summary>
    public required string Id { get; init; }

    /// <summary>The name, unique.</summary>
    public required string Name { get; init; }

    /// <summary>The image as the user wrote it.</summary>
    public required string Image { get; init; }

    /// <summary>The image's id: the digest of its configuration.</summary>
    public required string ImageId { get; init; }

    /// <summary>Digest of the image's manifest, which stays as long as the container; null for a container of a version that did not keep it.</summary>
    public string? Manifest { get; init; }

    /// <summary>Program and arguments on one line, to show.</summary>
    public string Command { get; init; } = "";

    /// <summary>When it was made.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>Whether it goes when it ends.</summary>
    public bool AutoRemove { get; init; }

    /// <summary>The options as JSON; see <see cref="Rundlet.Engine.Options.ContainerOptions"/>.</summary>
    public string Options { get; init; } = "{}";

    /// <summary>Who changes it just now; null for nobody.</summary>
    public ContainerClaim? Claim { get; init; }

    /// <summary>The first twelve digits, as people see them.</summary>
    public string ShortId => Id[..12];
}

/// <summary>
/// A process' right to change a container. It ends with the process: nobody has to clean up after a killed one before
/// another may go on, but what it left half done must be repaired first.
/// </summary>
/// <param name="Owner">Whose it is; pid 0 is nobody's, see <see cref="IsAbandoned"/>.</param>
/// <param name="Holder">Which of the owner's tables has it, by its <see cref="ContainerTable.Holder"/>.</param>
/// <param name="Purpose">What for: <c>create</c>, <c>start</c> or <c>remove</c>.</param>
public sealed record ContainerClaim(ProcessIdentity Owner, long Holder, string Purpose)
{
    /// <summary>Whether its work was given up, because it failed: whoever comes next tries again.</summary>
    public bool IsAbandoned => Owner.Pid == 0;
}
