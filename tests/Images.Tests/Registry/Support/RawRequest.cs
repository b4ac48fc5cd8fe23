namespace Rundlet.Images.Tests.Registry;

/// <summary>A request as it came over the wire.</summary>
public sealed record RawRequest(string Method, string Target, IReadOnlyDictionary<string, string> Headers, byte[] Body)
{
    /// <summary>The target without its query.</summary>
    public string Path => Target.Split('?')[0];

    /// <summary>A field; null where it is not there.</summary>
    public string? this[string name] => Headers.GetValueOrDefault(name);

    public override string ToString() => $"{Method} {Target}";
}
