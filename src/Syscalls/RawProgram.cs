using System.Runtime.InteropServices;

namespace Rundlet.Syscalls;

/// <summary>Executes programs whose arguments and variables are bytes: blocks of strings with a NUL behind each, as procfs has them.</summary>
public static unsafe class RawProgram
{
    /// <summary>execve(2): comes back only with a negated errno.</summary>
    /// <param name="path">With a NUL behind it.</param>
    /// <param name="arguments">The vector, the program's name first.</param>
    /// <param name="environment">The variables.</param>
    public static int Replace(ReadOnlySpan<byte> path, ReadOnlySpan<byte> arguments, ReadOnlySpan<byte> environment)
    {
        fixed (byte* p = path, a = arguments, e = environment)
        {
            byte** argv = Vector(a, arguments), envp = Vector(e, environment);
            int answer = (int)Sys.Call(SYS.execve, (nint)p, (nint)argv, (nint)envp);
            NativeMemory.Free(argv);
            NativeMemory.Free(envp);
            return answer;
        }
    }

    /// <summary>Starts a child through posix_spawn(3), with no signal blocked and all at their defaults.</summary>
    /// <returns>Its pid, or a negated errno.</returns>
    public static int Start(ReadOnlySpan<byte> path, ReadOnlySpan<byte> arguments, ReadOnlySpan<byte> environment)
    {
        fixed (byte* p = path, a = arguments, e = environment)
        {
            byte** argv = Vector(a, arguments), envp = Vector(e, environment);
            int answer = Spawn.Start(p, argv, envp, [], newSession: false, blockedSignals: 0);
            NativeMemory.Free(argv);
            NativeMemory.Free(envp);
            return answer;
        }
    }

    // Pointers to the strings of a block. One without its NUL at the end is left out: a string must end.
    private static byte** Vector(byte* start, ReadOnlySpan<byte> block)
    {
        byte** vector = (byte**)NativeMemory.AllocZeroed((nuint)block.Count((byte)0) + 1, (nuint)sizeof(byte*));
        int index = 0, at = 0;
        for (int length = block.IndexOf((byte)0); length >= 0; length = block[at..].IndexOf((byte)0))
        {
            vector[index++] = start + at;
            at += length + 1;
        }
        return vector;
    }
}
