using System.Runtime.InteropServices;
using Rundlet.Syscalls;

namespace Rundlet.Linux.Seccomp;

/// <summary>
/// Writes a program of classic BPF from its end to its start. Jumps only go forward, so every target is known when the
/// jump is written. A label is a distance from the end of the program. A conditional jump reaches 255 instructions;
/// a farther target gets an unconditional jump, or for an answer a copy of it, close by.
/// </summary>
internal sealed class BpfBuilder
{
    // linux/bpf_common.h
    internal const ushort LoadWord = 0x20, And = 0x54, Jump = 0x05, JumpEqual = 0x15, JumpGreater = 0x25, JumpGreaterOrEqual = 0x35, Return = 0x06;

    private const int Reach = 255;

    private readonly List<sock_filter> _reversed = new(512);
    private readonly List<(uint Value, int Label)> _answers = new(8);

    /// <summary>The label of what was written last.</summary>
    public int Here => _reversed.Count;

    /// <summary>Loads a word of <c>struct seccomp_data</c> into the accumulator.</summary>
    public int Load(int offset) => Add(LoadWord, (uint)offset);

    /// <summary>Takes all bits but those of a mask off the accumulator.</summary>
    public int Mask(uint mask) => Add(And, mask);

    /// <summary>Goes to one label if the accumulator equals a value, else to another.</summary>
    public int IfEqual(uint value, int yes, int no) => Conditional(JumpEqual, value, yes, no);

    /// <summary>Goes to one label if the accumulator is above a value, else to another.</summary>
    public int IfGreater(uint value, int yes, int no) => Conditional(JumpGreater, value, yes, no);

    /// <summary>Goes to one label if the accumulator is a value or above, else to another.</summary>
    public int IfGreaterOrEqual(uint value, int yes, int no) => Conditional(JumpGreaterOrEqual, value, yes, no);

    /// <summary>An answer: the one that is there, if it is close enough for a jump from a small tree, else a new one.</summary>
    public int Answer(uint value)
    {
        const int Slack = 96; // what may still be written before the jump itself
        for (int i = 0; i < _answers.Count; i++)
        {
            if (_answers[i].Value != value)
                continue;
            if (Here - _answers[i].Label <= Reach - Slack)
                return _answers[i].Label;
            _answers[i] = (value, Add(Return, value));
            return _answers[i].Label;
        }
        _answers.Add((value, Add(Return, value)));
        return Here;
    }

    /// <summary>Sees to it that what is written next falls through to a label.</summary>
    public int FallInto(int label) => label == Here ? Here : Add(Jump, (uint)(Here - label));

    /// <summary>The program in the kernel's order.</summary>
    public byte[] ToBytes()
    {
        _reversed.Reverse();
        return MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(_reversed)).ToArray();
    }

    private int Conditional(ushort code, uint value, int yes, int no)
    {
        if (yes == no)
            return FallInto(yes);
        // One more instruction may come between for the other target.
        if (Here - yes > Reach - 1)
            yes = Near(yes);
        if (Here - no > Reach)
            no = Near(no);
        _reversed.Add(new sock_filter { code = code, jt = (byte)(Here - yes), jf = (byte)(Here - no), k = value });
        return Here;
    }

    private int Near(int label) => Add(Jump, (uint)(Here - label));

    private int Add(ushort code, uint value)
    {
        _reversed.Add(new sock_filter { code = code, k = value });
        return Here;
    }
}
