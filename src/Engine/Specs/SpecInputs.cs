using Rundlet.Engine.Options;
using Rundlet.Images.Users;
using Rundlet.Linux.Capabilities;
using Rundlet.Oci;

namespace Rundlet.Engine.Specs;

/// <summary>Everything that a spec is made from: the builder reads nothing but this and, when privileged, the host's /dev.</summary>
public sealed record SpecInputs
{
    /// <summary>The container's id, 64 digits.</summary>
    public required string Id { get; init; }

    /// <summary>What the user wants.</summary>
    public required ContainerOptions Options { get; init; }

    /// <summary>What the image says.</summary>
    public required ContainerConfig Image { get; init; }

    /// <summary>Who the program runs as.</summary>
    public required User User { get; init; }

    /// <summary>That user's home folder.</summary>
    public string Home { get; init; } = "/";

    /// <summary>Files that we bind into the container: path there, path on the host.</summary>
    public IReadOnlyList<(string Destination, string Source)> Files { get; init; } = [];

    /// <summary>Where <see cref="ReaperProgram"/> is on the host; null where the program is the first process itself.</summary>
    public string? InitProgram { get; init; }

    /// <summary>Where the files of a volume are, by its name.</summary>
    public Func<string, string> VolumeData { get; init; } = static name => EnginePaths.Default.VolumeData(name);

    /// <summary>The capabilities that this machine can give.</summary>
    public CapabilitySet KnownCapabilities { get; init; } = CapabilitySet.AllKnown;

    /// <summary>Our own host name, or that of the container whose network or names are shared; the container's too then.</summary>
    public string HostName { get; init; } = "localhost";

    /// <summary>The ids that the container's are on the host; null where they are the same.</summary>
    public IdRange? Ids { get; init; }

    /// <summary>Absolute path of the folder that the container has while it runs.</summary>
    public string RunFolder { get; init; } = "";

    /// <summary>How many processors the machine has.</summary>
    public int Processors { get; init; } = 1;

    /// <summary>The first characters of an id, as people see it.</summary>
    public string ShortId => Id[..12];
}
