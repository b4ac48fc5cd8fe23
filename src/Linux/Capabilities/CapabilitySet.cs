using System.Numerics;

namespace Rundlet.Linux.Capabilities;

/// <summary>A set of capabilities, bit n for number n.</summary>
public readonly record struct CapabilitySet(ulong Bits)
{
    /// <summary>No capability.</summary>
    public static CapabilitySet None => default;

    /// <summary>Every capability that this build knows by name.</summary>
    public static CapabilitySet AllKnown => new((1UL << Capability.Count) - 1);

    /// <summary>How many are in it.</summary>
    public int Count => BitOperations.PopCount(Bits);

    /// <summary>Whether a capability is in it.</summary>
    /// <param name="number">0 to 63.</param>
    public bool Contains(uint number) => number < 64 && (Bits >> (int)number & 1) != 0;

    /// <summary>Whether all of another set are in it.</summary>
    public bool ContainsAll(CapabilitySet other) => (other.Bits & ~Bits) == 0;

    /// <summary>The set and one more.</summary>
    public CapabilitySet With(uint number) => new(Bits | Bit(number));

    /// <summary>The set and all of another.</summary>
    public CapabilitySet With(CapabilitySet other) => new(Bits | other.Bits);

    /// <summary>The set less one.</summary>
    public CapabilitySet Without(uint number) => new(Bits & ~Bit(number));

    /// <summary>The set less all of another.</summary>
    public CapabilitySet Without(CapabilitySet other) => new(Bits & ~other.Bits);

    /// <summary>What is in both.</summary>
    public CapabilitySet Intersect(CapabilitySet other) => new(Bits & other.Bits);

    /// <summary>The set of names of the OCI specification, such as <c>CAP_CHOWN</c>.</summary>
    /// <exception cref="ContainerException"><c>InvalidArgument</c>: names the one that is unknown.</exception>
    public static CapabilitySet FromNames(IEnumerable<string>? names)
    {
        ulong bits = 0;
        foreach (string name in names ?? [])
            bits |= Bit(Capability.FromName(name));
        return new CapabilitySet(bits);
    }

    /// <summary>The names in it, by number; a number without a name is <c>CAP_41</c>.</summary>
    public List<string> ToNames()
    {
        var names = new List<string>(Count);
        for (ulong left = Bits; left != 0; left &= left - 1)
            names.Add(Capability.NameOf((uint)BitOperations.TrailingZeroCount(left)));
        return names;
    }

    /// <summary>The names with a space between, <c>none</c> for no capability.</summary>
    public override string ToString() => Bits == 0 ? "none" : string.Join(' ', ToNames());


    private static ulong Bit(uint number)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(number, 63u);
        return 1UL << (int)number;
    }
}
