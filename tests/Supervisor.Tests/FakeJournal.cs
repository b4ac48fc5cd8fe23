using System.Buffers.Binary;
using System.Text;
using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Supervisor.Tests;

/// <summary>A socket as journald has it, and the entries that came.</summary>
internal sealed class FakeJournal : IDisposable
{
    private readonly OwnedFd _socket;

    public FakeJournal(string path)
    {
        Path = path;
        File.Delete(path);
        _socket = OwnedFd.FromAnswer(Sys.socket(AF.UNIX, SOCK.DGRAM | O.NONBLOCK, 0), "socket");
        byte[] address = [(byte)AF.UNIX, 0, .. Encoding.UTF8.GetBytes(path), 0];
        LinuxException.ThrowIfError(Sys.bind(_socket.Value, address), "bind", path);
    }

    public string Path { get; }

    public OwnedFd Socket => _socket;

    /// <summary>The next entry; null when none is there.</summary>
    public Dictionary<string, string>? TryTake()
    {
        byte[] data = new byte[256 << 10];
        int[] fds = new int[1];
        nint got = Sys.ReceiveWithFds(_socket.Value, data, fds, out int received, 0);
        if (Sys.Is(got, Errno.EAGAIN))
            return null;
        LinuxException.ThrowIfError(got, "receive");
        if (received == 0)
            return Parse(data.AsSpan(0, (int)got));
        Assert.Equal(0, (int)got);
        using OwnedFd file = new(fds[0]);
        int seals = F.SEAL_SHRINK | F.SEAL_GROW | F.SEAL_WRITE | F.SEAL_SEAL;
        Assert.Equal(seals, Sys.fcntl(file.Value, F.GET_SEALS));
        Assert.Equal(0, Sys.lseek(file.Value, 0, SEEK.SET));
        return Parse(FileIo.ReadAll(file.Value, "memfd"));
    }

    /// <summary>All that are there.</summary>
    public List<Dictionary<string, string>> TakeAll()
    {
        List<Dictionary<string, string>> all = [];
        while (TryTake() is { } entry)
            all.Add(entry);
        return all;
    }

    public void Dispose() => _socket.Dispose();

    private static Dictionary<string, string> Parse(ReadOnlySpan<byte> data)
    {
        Dictionary<string, string> entry = [];
        while (!data.IsEmpty)
        {
            int end = data.IndexOf((byte)'\n'), equals = data[..end].IndexOf((byte)'=');
            ReadOnlySpan<byte> name = equals < 0 ? data[..end] : data[..equals], value;
            if (equals >= 0)
            {
                value = data[(equals + 1)..end];
                data = data[(end + 1)..];
            }
            else
            {
                int length = (int)BinaryPrimitives.ReadUInt64LittleEndian(data[(end + 1)..]);
                value = data.Slice(end + 9, length);
                Assert.Equal((byte)'\n', data[end + 9 + length]);
                data = data[(end + 10 + length)..];
            }
            entry.Add(Encoding.ASCII.GetString(name), Encoding.Latin1.GetString(value));
        }
        return entry;
    }
}
