using System.Runtime;
using Rundlet.Syscalls;

namespace Rundlet.Init;

/// <summary>
/// Keeps a program to one thread. The .NET runtime asks for a second one while it starts, to run finalizers: it is told that it has it.
/// The linker option <c>--wrap</c> sends the call here; runcs and rundlet-supervisor are linked so, each with a copy of this.
/// </summary>
/// <remarks>
/// Nothing here relies on finalizers: what is opened has an owner that closes it. What the base library would have finalized stays, a
/// handful of objects. Making the thread costs 0.2 ms, and a process with two pays at each mapping, at its fork and at its end; beside an
/// idle container it is a stack, an arena of the C library and its data: 24 KiB that nobody shares. Another thread would break the rule
/// that the program has one. docs/adr/0002-native-aot-start-up.md.
/// </remarks>
internal static class OneThread
{
    private static bool _finalizerAsked;

    [RuntimeExport("__wrap_pthread_create")]
    private static int AnswerThread(ref nint thread, nint attributes, nint start, nint argument)
    {
        if (_finalizerAsked)
            return (int)Errno.EAGAIN;
        _finalizerAsked = true;
        thread = 0;
        return 0;
    }
}
