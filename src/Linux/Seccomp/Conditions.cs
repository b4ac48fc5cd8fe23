namespace Rundlet.Linux.Seccomp;

/// <summary>Comparisons of arguments, which a filter sees as two words of 32 bits, the low one first on every architecture here.</summary>
internal static class Conditions
{
    private const int ArgumentsOffset = 16; // in struct seccomp_data

    /// <summary>Writes the conditions of one rule.</summary>
    /// <param name="code">The program.</param>
    /// <param name="arguments">The conditions.</param>
    /// <param name="yes">Where to go when they hold.</param>
    /// <param name="no">Where to go when they do not.</param>
    /// <param name="wide">Whether registers have 64 bits; else only the low word counts.</param>
    public static int WriteAll(BpfBuilder code, ReadOnlySpan<SeccompArgument> arguments, int yes, int no, bool wide)
    {
        bool any = HasSameIndexTwice(arguments);
        for (int i = arguments.Length - 1; i >= 0; i--)
        {
            int here = Write(code, arguments[i], yes, no, wide);
            if (any)
                no = here;
            else
                yes = here;
        }
        return any ? no : yes;
    }

    /// <summary>Writes one condition.</summary>
    public static int Write(BpfBuilder code, SeccompArgument argument, int yes, int no, bool wide)
    {
        uint low = (uint)argument.Value, high = (uint)(argument.Value >> 32);
        int offset = ArgumentsOffset + 8 * (int)argument.Index;
        if (argument.Operator == SeccompOperator.MaskedEqual)
            return WriteMasked(code, argument, offset, yes, no, wide);
        if (argument.Operator is SeccompOperator.NotEqual or SeccompOperator.Less or SeccompOperator.LessOrEqual)
            (yes, no) = (no, yes); // the opposite of one of those below

        if (argument.Operator is SeccompOperator.Less or SeccompOperator.GreaterOrEqual)
            code.IfGreaterOrEqual(low, yes, no);
        else if (argument.Operator is SeccompOperator.LessOrEqual or SeccompOperator.Greater)
            code.IfGreater(low, yes, no);
        else
            return WriteEqual(code, low, high, offset, yes, no, wide);
        return WriteOrder(code, high, offset, yes, no, wide);
    }

    private static int WriteEqual(BpfBuilder code, uint low, uint high, int offset, int yes, int no, bool wide)
    {
        code.IfEqual(low, yes, no);
        int lowWord = code.Load(offset);
        if (!wide)
            return lowWord;
        code.IfEqual(high, lowWord, no);
        return code.Load(offset + 4);
    }

    /// <summary>The high word decides unless it is equal; then what was written just before does.</summary>
    private static int WriteOrder(BpfBuilder code, uint high, int offset, int yes, int no, bool wide)
    {
        int lowWord = code.Load(offset);
        if (!wide)
            return lowWord;
        int equal = code.IfEqual(high, lowWord, no);
        code.IfGreater(high, yes, equal);
        return code.Load(offset + 4);
    }

    private static int WriteMasked(BpfBuilder code, SeccompArgument argument, int offset, int yes, int no, bool wide)
    {
        int word = WriteMaskedWord(code, (uint)argument.Value, (uint)argument.ValueTwo, offset, yes, no);
        return wide ? WriteMaskedWord(code, (uint)(argument.Value >> 32), (uint)(argument.ValueTwo >> 32), offset + 4, word, no) : word;
    }

    private static int WriteMaskedWord(BpfBuilder code, uint mask, uint value, int offset, int yes, int no)
    {
        if ((value & ~mask) != 0)
            return code.FallInto(no); // bits that the mask takes off can never be there
        if (mask == 0)
            return code.FallInto(yes);
        code.IfEqual(value, yes, no);
        if (mask != uint.MaxValue)
            code.Mask(mask);
        return code.Load(offset);
    }

    private static bool HasSameIndexTwice(ReadOnlySpan<SeccompArgument> arguments)
    {
        uint seen = 0;
        for (int i = 0; i < arguments.Length; i++)
        {
            uint bit = 1u << (int)arguments[i].Index;
            if ((seen & bit) != 0)
                return true;
            seen |= bit;
        }
        return false;
    }
}
