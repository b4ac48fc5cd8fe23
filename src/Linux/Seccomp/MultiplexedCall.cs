namespace Rundlet.Linux.Seccomp;

/// <summary>Calls that i386 also, or only, has behind one call with a selector: socketcall(2) and ipc(2).</summary>
internal static class MultiplexedCall
{
    private const int Socketcall = 102, Ipc = 117;

    /// <summary>The call to make instead and the selector, its first argument; zeros when there is none.</summary>
    public static (int Number, int Selector) Find(string name) => name switch
    {
        // linux/net.h
        "socket" => (Socketcall, 1),
        "bind" => (Socketcall, 2),
        "connect" => (Socketcall, 3),
        "listen" => (Socketcall, 4),
        "accept" => (Socketcall, 5),
        "getsockname" => (Socketcall, 6),
        "getpeername" => (Socketcall, 7),
        "socketpair" => (Socketcall, 8),
        "send" => (Socketcall, 9),
        "recv" => (Socketcall, 10),
        "sendto" => (Socketcall, 11),
        "recvfrom" => (Socketcall, 12),
        "shutdown" => (Socketcall, 13),
        "setsockopt" => (Socketcall, 14),
        "getsockopt" => (Socketcall, 15),
        "sendmsg" => (Socketcall, 16),
        "recvmsg" => (Socketcall, 17),
        "accept4" => (Socketcall, 18),
        "recvmmsg" => (Socketcall, 19),
        "sendmmsg" => (Socketcall, 20),

        // linux/ipc.h
        "semop" => (Ipc, 1),
        "semget" => (Ipc, 2),
        "semctl" => (Ipc, 3),
        "semtimedop" => (Ipc, 4),
        "msgsnd" => (Ipc, 11),
        "msgrcv" => (Ipc, 12),
        "msgget" => (Ipc, 13),
        "msgctl" => (Ipc, 14),
        "shmat" => (Ipc, 21),
        "shmdt" => (Ipc, 22),
        "shmget" => (Ipc, 23),
        "shmctl" => (Ipc, 24),
        _ => (0, 0),
    };
}
