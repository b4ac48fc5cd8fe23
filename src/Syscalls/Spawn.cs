using System.Runtime.InteropServices;

namespace Rundlet.Syscalls;

/// <summary>
/// Starts another program through posix_spawn(3), the only way for a process with several managed threads: the C
/// library does everything between clone and execve, no managed code runs in the child.
/// </summary>
public static unsafe class Spawn
{
    /// <summary>Gives the child <paramref name="Source"/> as fd <paramref name="Target"/>; all others are close-on-exec.</summary>
    public readonly record struct FdMapping(int Source, int Target);

    /// <summary>Starts <paramref name="path"/>.</summary>
    /// <param name="path">The program; <c>/proc/self/fd/N</c> for an open one. No search along PATH.</param>
    /// <param name="arguments">The vector, the program's name first.</param>
    /// <param name="environment">The whole environment, as <c>KEY=value</c>.</param>
    /// <param name="fds">What the child inherits; everything else it gets is close-on-exec.</param>
    /// <param name="newSession">Whether the child leads a session of its own (setsid).</param>
    /// <param name="blockedSignals">Signals that every thread of the child starts with blocked; bit N-1 is signal N.</param>
    /// <returns>The child's pid, or a negated errno. Signals are at their defaults in the child.</returns>
    public static int Start(
        string path, IReadOnlyList<string> arguments, IReadOnlyList<string> environment, ReadOnlySpan<FdMapping> fds, bool newSession, ulong blockedSignals = 0)
    {
        byte** argv = Vector(arguments);
        byte** envp = Vector(environment);
        byte* file = CopyOf(path);
        try
        {
            return Start(file, argv, envp, fds, newSession, blockedSignals);
        }
        finally
        {
            Free(argv);
            Free(envp);
            NativeMemory.Free(file);
        }
    }

    internal static int Start(byte* file, byte** argv, byte** envp, ReadOnlySpan<FdMapping> fds, bool newSession, ulong blockedSignals)
    {
        byte* actions = stackalloc byte[128];
        byte* attributes = stackalloc byte[512];
        posix_spawn_file_actions_init(actions);
        posix_spawnattr_init(attributes);
        try
        {
            foreach (FdMapping fd in fds)
            {
                int error = posix_spawn_file_actions_adddup2(actions, fd.Source, fd.Target);
                if (error != 0)
                    return -error;
            }
            ulong* blocked = stackalloc ulong[16];
            ulong* all = stackalloc ulong[16];
            new Span<ulong>(blocked, 16).Clear();
            new Span<ulong>(all, 16).Clear();
            blocked[0] = blockedSignals;
            all[0] = ulong.MaxValue & ~(1UL << (SIG.KILL - 1)) & ~(1UL << (SIG.STOP - 1)) & ~(3UL << 31); // 32 and 33 are the C library's
            posix_spawnattr_setsigmask(attributes, blocked);
            posix_spawnattr_setsigdefault(attributes, all);
            posix_spawnattr_setflags(attributes, (short)(SetSigMask | SetSigDefault | (newSession ? SetSid : 0)));
            int pid;
            int answer = posix_spawn(&pid, file, actions, attributes, argv, envp);
            return answer == 0 ? pid : -answer;
        }
        finally
        {
            posix_spawn_file_actions_destroy(actions);
            posix_spawnattr_destroy(attributes);
        }
    }

    // POSIX_SPAWN_* of spawn.h
    private const int SetSigDefault = 0x04;
    private const int SetSigMask = 0x08;
    private const int SetSid = 0x80;

    private static byte* CopyOf(string text)
    {
        CString source = text;
        int length = System.Text.Encoding.UTF8.GetByteCount(text) + 1;
        byte* copy = (byte*)NativeMemory.Alloc((nuint)length);
        fixed (byte* s = source)
            new ReadOnlySpan<byte>(s, length).CopyTo(new Span<byte>(copy, length));
        return copy;
    }

    private static byte** Vector(IReadOnlyList<string> items)
    {
        byte** vector = (byte**)NativeMemory.AllocZeroed((nuint)items.Count + 1, (nuint)sizeof(byte*));
        for (int i = 0; i < items.Count; i++)
            vector[i] = CopyOf(items[i]);
        return vector;
    }

    private static void Free(byte** vector)
    {
        for (byte** item = vector; *item != null; item++)
            NativeMemory.Free(*item);
        NativeMemory.Free(vector);
    }

    [DllImport("libc")]
    private static extern int posix_spawn_file_actions_init(byte* actions);

    [DllImport("libc")]
    private static extern int posix_spawn_file_actions_destroy(byte* actions);

    [DllImport("libc")]
    private static extern int posix_spawn_file_actions_adddup2(byte* actions, int source, int target);

    [DllImport("libc")]
    private static extern int posix_spawnattr_init(byte* attributes);

    [DllImport("libc")]
    private static extern int posix_spawnattr_destroy(byte* attributes);

    [DllImport("libc")]
    private static extern int posix_spawnattr_setflags(byte* attributes, short flags);

    [DllImport("libc")]
    private static extern int posix_spawnattr_setsigmask(byte* attributes, ulong* set);

    [DllImport("libc")]
    private static extern int posix_spawnattr_setsigdefault(byte* attributes, ulong* set);

    [DllImport("libc")]
    private static extern int posix_spawn(int* pid, byte* path, byte* actions, byte* attributes, byte** arguments, byte** environment);
}
