namespace Rundlet.Engine.State;

/// <summary>A process' right to change a network, as <see cref="ContainerClaim"/> is for containers.</summary>
/// <param name="Owner">Whose it is.</param>
/// <param name="Purpose">What for: one of the constants here.</param>
public sealed record NetworkClaim(ProcessIdentity Owner, string Purpose)
{
    /// <summary>It is being made: nobody was told that it is there.</summary>
    public const string Create = "create";

    /// <summary>What the kernel has of it is being removed, and then its row.</summary>
    public const string Remove = "remove";
}
