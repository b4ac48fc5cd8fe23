namespace Rundlet.Syscalls;

public static unsafe partial class Sys
{
    /// <summary>socket(2); always with <c>SOCK_CLOEXEC</c>.</summary>
    public static int socket(int family, int type, int protocol) => (int)Call(SYS.socket, family, type | SOCK.CLOEXEC, protocol);

    /// <summary>socketpair(2); always with <c>SOCK_CLOEXEC</c>.</summary>
    public static int socketpair(int family, int type, out int first, out int second)
    {
        int* ends = stackalloc int[2] { -1, -1 };
        int answer = (int)Call(SYS.socketpair, family, type | SOCK.CLOEXEC, 0, (nint)ends);
        (first, second) = (ends[0], ends[1]);
        return answer;
    }

    /// <summary>bind(2) with the bytes of any address.</summary>
    public static int bind(int fd, ReadOnlySpan<byte> address)
    {
        fixed (byte* a = address)
            return (int)Call(SYS.bind, fd, (nint)a, address.Length);
    }

    /// <summary>connect(2) with the bytes of any address.</summary>
    public static int connect(int fd, ReadOnlySpan<byte> address)
    {
        fixed (byte* a = address)
            return (int)Call(SYS.connect, fd, (nint)a, address.Length);
    }

    /// <summary>listen(2).</summary>
    public static int listen(int fd, int backlog) => (int)Call(SYS.listen, fd, backlog);

    /// <summary>accept4(2); always with <c>SOCK_CLOEXEC</c>.</summary>
    public static int accept4(int fd, int flags) => (int)Call(SYS.accept4, fd, 0, 0, flags | SOCK.CLOEXEC);

    /// <summary>shutdown(2).</summary>
    public static int shutdown(int fd, int how) => (int)Call(SYS.shutdown, fd, how);

    /// <summary>sendto(2) without an address.</summary>
    public static nint send(int fd, ReadOnlySpan<byte> buffer, int flags)
    {
        fixed (byte* b = buffer)
            return Call(SYS.sendto, fd, (nint)b, buffer.Length, flags, 0, 0);
    }

    /// <summary>sendto(2) with the bytes of any address.</summary>
    public static nint sendto(int fd, ReadOnlySpan<byte> buffer, int flags, ReadOnlySpan<byte> address)
    {
        fixed (byte* b = buffer)
        fixed (byte* a = address)
            return Call(SYS.sendto, fd, (nint)b, buffer.Length, flags, (nint)a, address.Length);
    }

    /// <summary>recvfrom(2) without an address.</summary>
    public static nint recv(int fd, Span<byte> buffer, int flags)
    {
        fixed (byte* b = buffer)
            return Call(SYS.recvfrom, fd, (nint)b, buffer.Length, flags, 0, 0);
    }

    /// <summary>recvfrom(2) with room for the bytes of any address; what does not fit is cut off.</summary>
    public static nint recvfrom(int fd, Span<byte> buffer, int flags, Span<byte> address)
    {
        uint length = (uint)address.Length;
        fixed (byte* b = buffer)
        fixed (byte* a = address)
            return Call(SYS.recvfrom, fd, (nint)b, buffer.Length, flags, (nint)a, (nint)(&length));
    }

    /// <summary>recvmsg(2) of one datagram, with room for its sender's address and for control messages, cmsg(3).</summary>
    public static nint ReceiveMessage(int socket, Span<byte> data, Span<byte> address, Span<byte> control, out int controlLength, int flags)
    {
        fixed (byte* d = data)
        fixed (byte* a = address)
        fixed (byte* c = control)
        {
            iovec part = new() { iov_base = d, iov_len = (nuint)data.Length };
            msghdr message = MessageOf(&part, a, address.Length, c, control.Length);
            nint answer = Call(SYS.recvmsg, socket, (nint)(&message), flags | MSG.CMSG_CLOEXEC);
            controlLength = answer < 0 ? 0 : (int)message.msg_controllen;
            return answer;
        }
    }

    /// <summary>sendmsg(2) of one datagram to an address, with control messages, cmsg(3), or none.</summary>
    public static nint SendMessage(int socket, ReadOnlySpan<byte> data, ReadOnlySpan<byte> address, ReadOnlySpan<byte> control, int flags)
    {
        fixed (byte* d = data)
        fixed (byte* a = address)
        fixed (byte* c = control)
        {
            iovec part = new() { iov_base = d, iov_len = (nuint)data.Length };
            msghdr message = MessageOf(&part, a, address.Length, c, control.Length);
            return Call(SYS.sendmsg, socket, (nint)(&message), flags);
        }
    }

    private static msghdr MessageOf(iovec* part, byte* address, int addressLength, byte* control, int controlLength) => new()
    {
        msg_name = address,
        msg_namelen = (uint)addressLength,
        msg_iov = part,
        msg_iovlen = 1,
        msg_control = control,
        msg_controllen = (nuint)controlLength,
    };

    /// <summary>setsockopt(2) with an integer.</summary>
    public static int setsockopt(int fd, int level, int option, int value) =>
        (int)Call(SYS.setsockopt, fd, level, option, (nint)(&value), sizeof(int));

    /// <summary>setsockopt(2) with <c>SO_LINGER</c> of no time: what close(2) then does is a reset, socket(7).</summary>
    public static int reset_on_close(int fd)
    {
        int* value = stackalloc int[2] { 1, 0 }; // struct linger: l_onoff, l_linger
        return (int)Call(SYS.setsockopt, fd, SOL.SOCKET, SO.LINGER, (nint)value, 2 * sizeof(int));
    }

    /// <summary>setsockopt(2) with <c>SO_ATTACH_FILTER</c>: what the program of classic BPF lets through is received, socket(7).</summary>
    public static int attach_filter(int fd, ReadOnlySpan<sock_filter> program)
    {
        fixed (sock_filter* first = program)
        {
            sock_fprog value = new() { len = (ushort)program.Length, filter = first };
            return (int)Call(SYS.setsockopt, fd, SOL.SOCKET, SO.ATTACH_FILTER, (nint)(&value), sizeof(sock_fprog));
        }
    }

    /// <summary>getsockname(2) into room for the bytes of any address; what does not fit is cut off.</summary>
    public static int getsockname(int fd, Span<byte> address)
    {
        uint length = (uint)address.Length;
        fixed (byte* a = address)
            return (int)Call(SYS.getsockname, fd, (nint)a, (nint)(&length));
    }

    /// <summary>getsockopt(2) into a struct.</summary>
    public static int getsockopt<T>(int fd, int level, int option, out T value) where T : unmanaged
    {
        uint length = (uint)sizeof(T);
        T result = default;
        int answer = (int)Call(SYS.getsockopt, fd, level, option, (nint)(&result), (nint)(&length));
        value = result;
        return answer;
    }

    /// <summary>
    /// sendmsg(2) of some bytes (at least one) and, as <c>SCM_RIGHTS</c>, of at most eight fds.
    /// </summary>
    public static nint SendWithFds(int socket, ReadOnlySpan<byte> data, ReadOnlySpan<int> fds, int flags)
    {
        if (fds.Length > 8)
            return -(nint)(int)Errno.EINVAL;
        byte* control = stackalloc byte[64];
        fixed (byte* d = data)
        {
            iovec part = new() { iov_base = d, iov_len = (nuint)data.Length };
            msghdr message = new() { msg_iov = &part, msg_iovlen = 1 };
            if (fds.Length > 0)
            {
                cmsghdr* header = (cmsghdr*)control;
                header->cmsg_len = (nuint)(sizeof(cmsghdr) + fds.Length * sizeof(int));
                header->cmsg_level = SOL.SOCKET;
                header->cmsg_type = SCM.RIGHTS;
                fds.CopyTo(new Span<int>(control + sizeof(cmsghdr), fds.Length));
                message.msg_control = control;
                message.msg_controllen = (header->cmsg_len + 7) & ~(nuint)7;
            }
            return Call(SYS.sendmsg, socket, (nint)(&message), flags);
        }
    }

    /// <summary>
    /// recvmsg(2) of some bytes and of at most eight fds, all close-on-exec. <paramref name="received"/> counts the fds stored.
    /// </summary>
    public static nint ReceiveWithFds(int socket, Span<byte> data, Span<int> fds, out int received, int flags)
    {
        byte* control = stackalloc byte[64];
        received = 0;
        fixed (byte* d = data)
        {
            iovec part = new() { iov_base = d, iov_len = (nuint)data.Length };
            msghdr message = new() { msg_iov = &part, msg_iovlen = 1, msg_control = control, msg_controllen = 64 };
            nint answer = Call(SYS.recvmsg, socket, (nint)(&message), flags | MSG.CMSG_CLOEXEC);
            if (answer < 0)
                return answer;
            cmsghdr* header = (cmsghdr*)control;
            if (message.msg_controllen >= (nuint)sizeof(cmsghdr) && header->cmsg_level == SOL.SOCKET && header->cmsg_type == SCM.RIGHTS)
            {
                int* passed = (int*)(control + sizeof(cmsghdr));
                int count = (int)(header->cmsg_len - (nuint)sizeof(cmsghdr)) / sizeof(int);
                for (int i = 0; i < count; i++)
                {
                    if (received < fds.Length)
                        fds[received++] = passed[i];
                    else
                        close(passed[i]);
                }
            }
            return answer;
        }
    }
}
