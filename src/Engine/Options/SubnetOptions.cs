namespace Rundlet.Engine.Options;

/// <summary>A subnet of a network, as the user asked for it or as it was chosen.</summary>
/// <param name="Subnet">As <c>10.1.0.0/16</c> or <c>fd00:1::/64</c>.</param>
public sealed record SubnetOptions(string Subnet)
{
    /// <summary>Where within it containers get their addresses; null for everywhere.</summary>
    public string? Range { get; init; }

    /// <summary>The gateway's address; null for the first one.</summary>
    public string? Gateway { get; init; }

    /// <summary>Addresses that no container gets, by what has them.</summary>
    public IReadOnlyDictionary<string, string> Auxiliary { get; init => field = value ?? new Dictionary<string, string>(); } = new Dictionary<string, string>();
}
