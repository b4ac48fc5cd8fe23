namespace Rundlet.ChildCheck;

/// <summary>A function of an object file.</summary>
/// <param name="Name">Its symbol.</param>
/// <param name="Section">The section it lies in.</param>
/// <param name="Address">Where it starts there.</param>
internal sealed record Function(string Name, string Section, ulong Address)
{
    /// <summary>Its instructions, in order.</summary>
    public List<Instruction> Code { get; } = [];

    /// <summary>Whether an address of the same section lies within.</summary>
    public bool Contains(ulong address) => address >= Address && Code.Count > 0 && address <= Code[^1].Address;
}
