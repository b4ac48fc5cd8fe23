namespace Rundlet.Oci.Tests;

/// <summary>The documents under Data/.</summary>
internal static class Examples
{
    /// <summary>A spec such as engines start from.</summary>
    public static byte[] Shell { get; } = Load("shell");

    /// <summary>A spec with every member the model has, and some of other platforms.</summary>
    public static byte[] Everything { get; } = Load("everything");

    private static byte[] Load(string name)
    {
        using Stream stream = typeof(Examples).Assembly.GetManifestResourceStream(name)
            ?? throw new FileNotFoundException($"no example '{name}'");
        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        return copy.ToArray();
    }
}
