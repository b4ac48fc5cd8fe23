using System.Buffers.Binary;

namespace Rundlet.Linux.Seccomp;

/// <summary>Runs a filter as the kernel does, to know beforehand what it says to a call of our own.</summary>
public static class FilterMachine
{
    /// <summary>What a filter says, <c>SECCOMP_RET_*</c>.</summary>
    /// <param name="program">Made by <see cref="SeccompCompiler"/>.</param>
    /// <param name="number">The system call, of the machine's own architecture.</param>
    /// <param name="arguments">Six at most; the others are zero.</param>
    public static uint Run(ReadOnlySpan<byte> program, int number, params ReadOnlySpan<ulong> arguments)
    {
        Span<byte> data = stackalloc byte[64]; // struct seccomp_data
        data.Clear();
        BinaryPrimitives.WriteInt32LittleEndian(data, number);
        BinaryPrimitives.WriteUInt32LittleEndian(data[4..], SeccompCompiler.MarkOf(SeccompCompiler.NativeArchitecture));
        for (int i = 0; i < arguments.Length; i++)
            BinaryPrimitives.WriteUInt64LittleEndian(data[(16 + 8 * i)..], arguments[i]);
        uint accumulator = 0;
        for (int at = 0; ; at += 8)
        {
            ReadOnlySpan<byte> one = program[at..(at + 8)];
            uint k = BinaryPrimitives.ReadUInt32LittleEndian(one[4..]);
            switch (BinaryPrimitives.ReadUInt16LittleEndian(one))
            {
                case BpfBuilder.LoadWord: accumulator = BinaryPrimitives.ReadUInt32LittleEndian(data[(int)k..]); break;
                case BpfBuilder.And: accumulator &= k; break;
                case BpfBuilder.Jump: at += 8 * (int)k; break;
                case BpfBuilder.JumpEqual: at += 8 * (accumulator == k ? one[2] : one[3]); break;
                case BpfBuilder.JumpGreater: at += 8 * (accumulator > k ? one[2] : one[3]); break;
                case BpfBuilder.JumpGreaterOrEqual: at += 8 * (accumulator >= k ? one[2] : one[3]); break;
                case BpfBuilder.Return: return k;
                default: throw new InvalidOperationException("an instruction that the compiler does not write");
            }
        }
    }
}
