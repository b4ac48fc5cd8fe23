using System.Runtime.InteropServices;
using Rundlet.Linux;
using Rundlet.Runtime.Supervision;
using Rundlet.Syscalls;

namespace Rundlet.Supervisor;

/// <summary>
/// What was taken out of one of the container's streams and is not in the log yet: a file in the run folder, so that whoever takes the
/// container over can write it, once and not twice.
/// <code>
///   0          4096
///   │ note     │ in the log, freed │ the beginning of a line, or being written │ taken, not looked at │
///                                  └ consumed                                  └ given                └ the file's size
///
///   Take     splice(2): the kernel moves the bytes and the file's size in one step that no kill divides
///   Begin    the note says: from `consumed` to `given` becomes records of this time, behind this place of the log
///            (the log grows)
///   Done     where all is in the log, the file is cut off; else the note says how far, and what is before it is freed
/// </code>
/// The records are made of the bytes and the note alone. So they can be made again, and what the log has of them already is passed
/// over. A note is one pwrite(2) within a page: there as a whole or not at all.
/// </summary>
internal sealed class OutputSpool : IDisposable
{
    private const int NoteLength = 7;
    private const long EndsFlag = 1;
    private const int MostPending = 1 << 20;
    private const uint Mode = 0x180; // 0600

    private readonly OwnedFd _folder;
    private readonly string _name;
    private readonly OwnedFd _file;
    private long _consumed = OutputSpoolFile.Start;
    private long _given = OutputSpoolFile.Start;
    private long _end = OutputSpoolFile.Start;
    private long _freed = OutputSpoolFile.Start;
    private long _until; // of what is being written; 0 while nothing is

    private OutputSpool(OwnedFd folder, string name, OwnedFd file)
    {
        _folder = folder;
        _name = name;
        _file = file;
    }

    /// <summary>The time of the records that are being written.</summary>
    public timespec Time { get; private set; }

    /// <summary>Where in the log they begin.</summary>
    public LogPlace Place { get; private set; }

    /// <summary>Whether they are the stream's last, so that the beginning of a line is one too.</summary>
    public bool Ends { get; private set; }

    /// <summary>How many bytes a supervisor was writing into the log when it was killed; 0 where it was not.</summary>
    public int Pending => _until == 0 ? 0 : (int)(_until - _consumed);

    /// <summary>Whether it holds bytes that <see cref="Give"/> has not given.</summary>
    public bool HasMore => _given < _end;

    /// <summary>Whether it takes nothing any more: its file system is full, or cannot do this. What is in it can still be had.</summary>
    public bool IsBroken { get; private set; }

    /// <summary>Opens the one of a stream.</summary>
    /// <param name="folder">The run folder.</param>
    /// <param name="stream">The stream.</param>
    /// <param name="make">Whether to make it where there is none.</param>
    /// <returns>Null where there is none, or none can be made.</returns>
    /// <exception cref="LinuxException">It cannot be read.</exception>
    public static OutputSpool? TryOpen(OwnedFd folder, FrameType stream, bool make)
    {
        string name = OutputSpoolFile.NameOf(stream);
        int answer = Sys.openat(folder.Value, name, O.RDWR | O.NOFOLLOW | (make ? O.CREAT : 0), Mode);
        if (answer < 0)
            return null;
        OutputSpool spool = new(folder, name, new OwnedFd(answer));
        spool.ReadNote();
        return spool;
    }

    /// <summary>Moves what is in a pipe.</summary>
    /// <returns>As splice(2).</returns>
    public nint Take(OwnedFd pipe, int most) => Sys.splice(pipe.Value, _file.Value, ref _end, most, SPLICE.MOVE | SPLICE.NONBLOCK);

    /// <summary>Adds what was read from a terminal, and counts it as given; nothing where it is broken.</summary>
    public void Put(ReadOnlySpan<byte> output)
    {
        while (!output.IsEmpty && !IsBroken)
        {
            nint put = Sys.pwrite(_file.Value, output, _end);
            if (Sys.Is(put, Errno.EINTR))
                continue;
            if (put < 0)
            {
                Break(put);
                return;
            }
            _given = _end += put;
            output = output[(int)put..];
        }
    }

    /// <summary>Reads on.</summary>
    /// <returns>Bytes read.</returns>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public int Give(Span<byte> buffer)
    {
        Span<byte> wanted = buffer[..(int)Math.Min(buffer.Length, _end - _given)];
        if (FileIo.ReadAt(_file.Value, wanted, _given) < wanted.Length)
            throw new LinuxException(Errno.EIO, "read", _name);
        _given += wanted.Length;
        return wanted.Length;
    }

    /// <summary>Reads again what was being written, all <see cref="Pending"/> bytes of it.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public byte[] GiveAgain()
    {
        byte[] bytes = new byte[Pending];
        _given = _consumed;
        _ = Give(bytes); // ignored: all of it, or an exception
        return bytes;
    }

    /// <summary>What was given goes into the log now.</summary>
    /// <param name="time">Of the records.</param>
    /// <param name="place">Where the log is.</param>
    /// <param name="ends">Whether the beginning of a line becomes a record too.</param>
    public void Begin(timespec time, LogPlace place, bool ends)
    {
        (_until, Time, Place, Ends) = (_given, time, place, ends);
        Note();
    }

    /// <summary>All but the last bytes are in the log, which goes on in another place.</summary>
    public void Move(int left, LogPlace place)
    {
        (_consumed, Place) = (_until - left, place);
        Note();
    }

    /// <summary>It is in the log, but for the beginning of a line.</summary>
    /// <param name="left">The length of that.</param>
    public void Done(int left)
    {
        _until = 0;
        _consumed = _given - left;
        if (IsBroken)
            return;
        if (_consumed == _end)
        {
            Empty();
            return;
        }
        Note();
        long whole = _consumed & -OutputSpoolFile.Start;
        if (whole > _freed && Sys.fallocate(_file.Value, FALLOC.PUNCH_HOLE | FALLOC.KEEP_SIZE, _freed, whole - _freed) == 0) // else the next time
            _freed = whole;
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    /// <summary>Goes on without: what the supervisor has in memory is lost when it is killed.</summary>
    /// <param name="answer">The answer of the call that failed.</param>
    public void Break(nint answer)
    {
        IsBroken = true;
        _ = Sys.unlinkat(_folder.Value, _name, 0); // ignored: then the next supervisor finds more than is missing
        Trouble.Note(_folder, new LinuxException(Sys.ErrorOf(answer), "write", _name).Message);
    }

    // Cut off first: a file that is shorter than its note says was written to the log as a whole.
    private void Empty()
    {
        nint answer = Sys.ftruncate(_file.Value, OutputSpoolFile.Start);
        _consumed = _given = _end = _freed = OutputSpoolFile.Start;
        if (answer < 0)
            Break(answer);
        else
            Note();
    }

    private void Note()
    {
        if (IsBroken)
            return;
        ReadOnlySpan<long> note = [_consumed, _until, Time.tv_sec, Time.tv_nsec, (long)Place.Inode, Place.Length, Ends ? EndsFlag : 0];
        ReadOnlySpan<byte> bytes = MemoryMarshal.AsBytes(note);
        nint answer = Sys.pwrite(_file.Value, bytes, 0);
        if (answer < 0)
            Break(answer);
    }

    private void ReadNote()
    {
        long size = Sys.lseek(_file.Value, 0, SEEK.END);
        if (size == 0)
            return; // a new one
        Span<long> note = stackalloc long[NoteLength];
        note.Clear(); // there is none before the first record
        _ = FileIo.ReadAt(_file.Value, MemoryMarshal.AsBytes(note), 0); // ignored: it is short where there is none
        if (size < Math.Max(note[0], note[1]))
        {
            Empty();
            return;
        }
        _end = Math.Max(size, OutputSpoolFile.Start);
        _given = _consumed = Math.Max(note[0], OutputSpoolFile.Start);
        if (note[1] > _consumed && note[1] - _consumed <= MostPending)
            (_until, Time, Place, Ends) = (note[1], new timespec { tv_sec = note[2], tv_nsec = note[3] }, new LogPlace((ulong)note[4], note[5]), note[6] == EndsFlag);
    }
}
