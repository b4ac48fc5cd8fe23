namespace Rundlet.Oci;

/// <summary>Execution domain of the process, personality(2) (config-linux.md, Personality).</summary>
public sealed class Personality
{
    /// <summary><c>LINUX</c> or <c>LINUX32</c>.</summary>
    public required string Domain { get; set; }

    /// <summary>Flags; the specification defines none yet.</summary>
    public List<string>? Flags { get; set; }
}
