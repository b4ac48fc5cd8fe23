using System.Globalization;

namespace Rundlet.ChildCheck;

/// <summary>What an instruction does to the flow of control.</summary>
internal enum Flow
{
    /// <summary>Goes on behind itself.</summary>
    None,

    /// <summary>Calls or jumps to a place that is written in it.</summary>
    Direct,

    /// <summary>Calls what a register or memory holds.</summary>
    IndirectCall,

    /// <summary>Jumps to what a register or memory holds.</summary>
    IndirectJump,

    /// <summary>Enters the kernel without the C library, or stops the processor.</summary>
    Trap,
}

/// <summary>One instruction, as far as the check must understand it.</summary>
/// <param name="Address">Where it stands.</param>
/// <param name="Text">As objdump wrote it.</param>
/// <param name="Flow">What it does to the flow of control.</param>
/// <param name="Target">The address that a direct transfer names, where no symbol stands for it.</param>
/// <param name="Symbols">The symbols that the linker will put in.</param>
internal sealed record Instruction(ulong Address, string Text, Flow Flow, ulong? Target, IReadOnlyList<string> Symbols)
{
    private static readonly string[] s_prefixes = ["bnd", "notrack", "data16", "rex.W", "addr32", "cs", "ds", "repz", "repnz", "lock", "rep"];

    /// <summary>Reads an instruction.</summary>
    public static Instruction Parse(ulong address, string text, IReadOnlyList<string> symbols)
    {
        string[] words = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        int first = 0;
        while (first < words.Length - 1 && s_prefixes.Contains(words[first]))
            first++;
        string mnemonic = words[first];
        string operand = first + 1 < words.Length ? words[first + 1] : "";
        Flow flow = FlowOf(mnemonic, operand);
        ulong? target = flow == Flow.Direct && symbols.Count == 0 && ulong.TryParse(operand, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong place)
            ? place
            : null;
        return new Instruction(address, text.Trim(), flow, target, symbols);
    }

    private static Flow FlowOf(string mnemonic, string operand)
    {
        bool call = mnemonic.StartsWith("call");
        if (call || mnemonic[0] == 'j' || mnemonic.StartsWith("loop") || mnemonic == "xbegin")
            return !operand.StartsWith('*') ? Flow.Direct : call ? Flow.IndirectCall : Flow.IndirectJump;
        return mnemonic is "syscall" or "sysenter" or "int" or "hlt" or "ud2" ? Flow.Trap : Flow.None;
    }
}
