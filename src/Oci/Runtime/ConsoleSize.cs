namespace Rundlet.Oci;

/// <summary>Size of a terminal in characters (config.md, Process).</summary>
public sealed class ConsoleSize
{
    /// <summary>Rows.</summary>
    public required uint Height { get; set; }

    /// <summary>Columns.</summary>
    public required uint Width { get; set; }
}
