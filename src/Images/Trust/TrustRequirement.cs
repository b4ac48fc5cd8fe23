namespace Rundlet.Images.Trust;

/// <summary>What a policy requires of an image; one of the three records that derive from it.</summary>
public abstract record TrustRequirement
{
    private protected TrustRequirement()
    {
    }
}
