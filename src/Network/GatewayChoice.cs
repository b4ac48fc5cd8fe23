namespace Rundlet.Network;

/// <summary>
/// Which of a container's networks leads out, as docker's rule is: the highest priority; of equals a bridge before the others;
/// of equals the first name. Internal networks never do.
/// </summary>
internal static class GatewayChoice
{
    /// <summary>The first by the rule; null when none can be it.</summary>
    /// <param name="endpoints">The container's.</param>
    /// <param name="canBe">Which can be it.</param>
    public static Endpoint? Of(IReadOnlyList<Endpoint> endpoints, Predicate<Endpoint> canBe)
    {
        Endpoint? best = null;
        foreach (Endpoint endpoint in endpoints)
        {
            if (!endpoint.IsInternal && canBe(endpoint) && (best is null || Compare(endpoint, best) < 0))
                best = endpoint;
        }
        return best;
    }

    private static int Compare(Endpoint one, Endpoint other)
    {
        int order = other.GatewayPriority.CompareTo(one.GatewayPriority);
        if (order == 0)
            order = (one.Driver == NetworkDriver.Bridge ? 0 : 1) - (other.Driver == NetworkDriver.Bridge ? 0 : 1);
        return order != 0 ? order : string.CompareOrdinal(one.NetworkName, other.NetworkName);
    }
}
