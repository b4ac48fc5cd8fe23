namespace Rundlet.Oci;

/// <summary>The five capability sets, by names such as <c>CAP_CHOWN</c>, capabilities(7) (config.md, Linux Process).</summary>
public sealed class Capabilities
{
    /// <summary>Bounding set.</summary>
    public List<string>? Bounding { get; set; }

    /// <summary>Effective set.</summary>
    public List<string>? Effective { get; set; }

    /// <summary>Inheritable set.</summary>
    public List<string>? Inheritable { get; set; }

    /// <summary>Permitted set.</summary>
    public List<string>? Permitted { get; set; }

    /// <summary>Ambient set.</summary>
    public List<string>? Ambient { get; set; }
}
