namespace Rundlet.Images.Tests.Hostile;

/// <summary>A hostile image layout and what must come of it.</summary>
internal sealed record HostileLayout(string Name, Func<Sandbox, LayoutBuilder> Build)
{
    /// <summary>What the message of the refusal holds; null where the images are taken in.</summary>
    public string? Refusal { get; init; }

    /// <summary>The files of the highest layer, as <see cref="CompactTree"/> shows them.</summary>
    public string[] Tree { get; init; } = ["a = content"];

    public static HostileLayout Refused(string name, string reason, Action<LayoutBuilder> build) => new(name, _ => Made(build)) { Refusal = reason };

    public static HostileLayout Harmless(string name, Action<LayoutBuilder> build) => new(name, _ => Made(build));

    private static LayoutBuilder Made(Action<LayoutBuilder> build)
    {
        var builder = new LayoutBuilder();
        build(builder);
        return builder;
    }
}
