using System.Buffers.Binary;

namespace Rundlet.Linux.Tests.Seccomp;

/// <summary>Runs a program of classic BPF as the kernel runs a seccomp filter.</summary>
internal static class BpfInterpreter
{
    public static uint Run(ReadOnlySpan<byte> program, uint mark, uint number, ReadOnlySpan<ulong> arguments)
    {
        Span<byte> data = stackalloc byte[64];
        BinaryPrimitives.WriteUInt32LittleEndian(data, number);
        BinaryPrimitives.WriteUInt32LittleEndian(data[4..], mark);
        for (int i = 0; i < 6; i++)
            BinaryPrimitives.WriteUInt64LittleEndian(data[(16 + 8 * i)..], arguments[i]);

        uint accumulator = 0;
        for (int at = 0; ; at++)
        {
            ReadOnlySpan<byte> one = program.Slice(8 * at, 8);
            ushort code = BinaryPrimitives.ReadUInt16LittleEndian(one);
            uint k = BinaryPrimitives.ReadUInt32LittleEndian(one[4..]);
            switch (code)
            {
                case 0x20: accumulator = BinaryPrimitives.ReadUInt32LittleEndian(data.Slice((int)k, 4)); break;
                case 0x54: accumulator &= k; break;
                case 0x05: at += (int)k; break;
                case 0x15: at += accumulator == k ? one[2] : one[3]; break;
                case 0x25: at += accumulator > k ? one[2] : one[3]; break;
                case 0x35: at += accumulator >= k ? one[2] : one[3]; break;
                case 0x45: at += (accumulator & k) != 0 ? one[2] : one[3]; break;
                case 0x06: return k;
                default: throw new InvalidOperationException($"instruction {at} has the code 0x{code:x}");
            }
        }
    }
}
