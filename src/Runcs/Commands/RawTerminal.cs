using Rundlet.Syscalls;

namespace Rundlet.Runcs.Commands;

/// <summary>The caller's terminal in raw mode, termios(3) <c>cfmakeraw</c>; as it was again on <see cref="Dispose"/>.</summary>
internal sealed class RawTerminal : IDisposable
{
    private readonly int _fd;
    private termios _before;

    private RawTerminal(int fd, termios before)
    {
        _fd = fd;
        _before = before;
    }

    /// <summary>Enters raw mode where the fd is a terminal.</summary>
    /// <returns>Null where it is none.</returns>
    public static RawTerminal? TryEnter(int fd)
    {
        termios settings = default;
        if (Sys.ioctl(fd, TC.GETS, ref settings) < 0)
            return null;
        RawTerminal raw = new(fd, settings);
        // termbits.h: IGNBRK BRKINT PARMRK ISTRIP INLCR IGNCR ICRNL IXON; OPOST; ECHO ECHONL ICANON ISIG IEXTEN; CSIZE PARENB, CS8
        settings.c_iflag &= ~0x5EBu;
        settings.c_oflag &= ~0x1u;
        settings.c_lflag &= ~0x804Bu;
        settings.c_cflag = (settings.c_cflag & ~0x130u) | 0x30u;
        return Sys.ioctl(fd, TC.SETS, ref settings) < 0 ? null : raw;
    }

    /// <inheritdoc/>
    public void Dispose() => _ = Sys.ioctl(_fd, TC.SETSW, ref _before); // ignored: the terminal is gone
}
