using Rundlet.Engine.Options;

namespace Rundlet.Engine.State;

/// <summary>A network's row. The links, addresses and rules that it stands for are made when they are first needed, and again after a reboot.</summary>
public sealed record NetworkRecord
{
    /// <summary>64 hexadecimal digits.</summary>
    public required string Id { get; init; }

    /// <summary>The name, unique.</summary>
    public required string Name { get; init; }

    /// <summary><c>bridge</c>, <c>macvlan</c>, <c>ipvlan</c>, <c>host</c> or <c>null</c>, as docker calls them.</summary>
    public required string Driver { get; init; }

    /// <summary>When it was made.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>What it is: subnets and options.</summary>
    public NetworkOptions Options { get; init; } = new();

    /// <summary>Free metadata.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    /// <summary>Who changes it just now; null for nobody.</summary>
    public NetworkClaim? Claim { get; init; }

    /// <summary>The first twelve digits, as people see them.</summary>
    public string ShortId => Id[..12];
}
