using Rundlet.Syscalls;

namespace Rundlet.Linux;

/// <summary>The caller's terminal in raw mode, termios(3) <c>cfmakeraw</c>; as it was again on <see cref="Dispose"/>.</summary>
public sealed class RawTerminal : IDisposable
{
    private readonly int _fd;
    private termios _before;

    private RawTerminal(int fd, termios before)
    {
        _fd = fd;
        _before = before;
    }

    /// <summary>Enters raw mode where the fd is a terminal; null where it is none.</summary>
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

    /// <summary>The size of a terminal; null where the fd is none.</summary>
    public static (ushort Rows, ushort Columns)? TrySizeOf(int fd)
    {
        winsize size = default;
        return Sys.ioctl(fd, TIO.GWINSZ, ref size) < 0 ? null : (size.ws_row, size.ws_col);
    }

    /// <inheritdoc/>
    public void Dispose() => _ = Sys.ioctl(_fd, TC.SETSW, ref _before); // ignored: the terminal is gone
}
