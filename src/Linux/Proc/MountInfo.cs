using System.Buffers.Text;
using System.Text;
using Rundlet.Syscalls;

namespace Rundlet.Linux.Proc;

// What belongs in this folder: procfs, read and verified: processes, mounts, and an fd that surely is on procfs.

/// <summary>The mounts of a process.</summary>
public static class MountInfo
{
    private const int Limit = 64 << 20;

    /// <summary>Reads them, in the order of mounting.</summary>
    /// <param name="pid">A process; 0 is the caller.</param>
    /// <exception cref="LinuxException">procfs could not be read.</exception>
    public static List<MountEntry> Read(int pid = 0) =>
        Parse(FileIo.ReadFile(Sys.AT_FDCWD, pid == 0 ? "/proc/self/mountinfo" : $"/proc/{pid}/mountinfo", Limit));

    /// <summary>Parses the text; escapes are undone.</summary>
    /// <exception cref="LinuxException"><c>EBADMSG</c>: a line that is not of this format.</exception>
    public static List<MountEntry> Parse(ReadOnlySpan<byte> text)
    {
        var mounts = new List<MountEntry>();
        while (MountInfoText.NextLine(ref text, out ReadOnlySpan<byte> line))
            mounts.Add(ParseLine(line));
        return mounts;
    }

    private static MountEntry ParseLine(ReadOnlySpan<byte> line)
    {
        // 36 35 98:0 /root /point rw,noatime shared:1 master:2 - ext3 /dev/root rw,errors=continue
        ReadOnlySpan<byte> rest = line;
        bool good = Utf8Parser.TryParse(MountInfoText.NextField(ref rest), out int id, out _);
        good &= Utf8Parser.TryParse(MountInfoText.NextField(ref rest), out int parent, out _);
        ReadOnlySpan<byte> device = MountInfoText.NextField(ref rest);
        int colon = device.IndexOf((byte)':');
        uint minor = 0;
        good &= Utf8Parser.TryParse(device, out uint major, out _) && colon >= 0 && Utf8Parser.TryParse(device[(colon + 1)..], out minor, out _);
        string root = MountInfoText.Unescape(MountInfoText.NextField(ref rest));
        string point = MountInfoText.Unescape(MountInfoText.NextField(ref rest));
        string options = Encoding.UTF8.GetString(MountInfoText.NextField(ref rest));
        ReadOnlySpan<byte> optional = rest;
        int optionalLength = 0;
        while (true)
        {
            if (rest.IsEmpty)
                throw NotMountInfo(line);
            ReadOnlySpan<byte> field = MountInfoText.NextField(ref rest);
            if (field.SequenceEqual("-"u8))
                break;
            optionalLength += field.Length + 1;
        }
        string type = MountInfoText.Unescape(MountInfoText.NextField(ref rest));
        string source = MountInfoText.Unescape(MountInfoText.NextField(ref rest));
        if (!good)
            throw NotMountInfo(line);
        string propagation = Encoding.UTF8.GetString(optional[..Math.Max(0, optionalLength - 1)]);
        return new MountEntry(id, parent, major, minor, root, point, options, propagation, type, source, MountInfoText.Unescape(rest));
    }

    private static LinuxException NotMountInfo(ReadOnlySpan<byte> line) => new(Errno.EBADMSG, "parse mountinfo line", Encoding.UTF8.GetString(line));
}
