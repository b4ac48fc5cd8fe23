using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Runcs.Tests;

/// <summary>
/// A file system of files whose content is made when they are read, and whose writes are calls: the kernel's fuse, spoken directly. For
/// imitations of file systems that only some machines have.
/// </summary>
internal abstract class FuseServer : IDisposable
{
    private const int HeaderSize = 40; // struct fuse_in_header
    private const int AttributeSize = 88; // struct fuse_attr
    private const uint FolderMode = 0x41ED; // a folder of 0755
    private const uint FileMode = 0x81ED; // a file of 0755
    private const uint DirectIo = 1; // FOPEN_DIRECT_IO: no page cache, so that what changes is read anew

    private readonly OwnedFd _device;
    private readonly Thread _thread;
    private readonly Dictionary<ulong, FuseNode> _nodes = [];
    private ulong _lastId = 1;

    /// <summary>Mounts it on a new folder.</summary>
    protected FuseServer()
    {
        if (!File.Exists("/dev/fuse"))
            Assert.Skip("needs fuse in the kernel");
        Root = new FuseNode { Id = 1, IsFolder = true };
        _nodes[1] = Root;
        MountPoint = Directory.CreateTempSubdirectory("rundlet-fuse-").FullName;
        _device = FileIo.Open(Sys.AT_FDCWD, "/dev/fuse", O.RDWR);
        string options = $"fd={_device.Value},rootmode=40755,user_id=0,group_id=0,allow_other";
        LinuxException.ThrowIfError(Sys.mount("imitation", MountPoint, "fuse", MS.NOSUID | MS.NODEV, options), "mount fuse on", MountPoint);
        _thread = new Thread(Serve) { IsBackground = true };
    }

    /// <summary>Where it is mounted.</summary>
    public string MountPoint { get; }

    /// <summary>How often it was asked for something since it was mounted.</summary>
    public int Requests { get; private set; }

    /// <summary>The top folder.</summary>
    protected FuseNode Root { get; }

    /// <summary>Begins to answer.</summary>
    protected void Begin() => _thread.Start();

    /// <summary>mkdir(2).</summary>
    protected abstract Errno MakeFolder(FuseNode parent, string name);

    /// <summary>rmdir(2).</summary>
    protected abstract Errno RemoveFolder(FuseNode parent, string name);

    /// <summary>Adds a folder.</summary>
    protected FuseNode AddFolder(FuseNode parent, string name) => Add(parent, name, new FuseNode { Id = ++_lastId, IsFolder = true });

    /// <summary>Adds a file.</summary>
    protected void AddFile(FuseNode parent, string name, Func<string> read, Func<string, Errno>? write = null, Action? opened = null) =>
        Add(parent, name, new FuseNode { Id = ++_lastId, Read = read, Write = write, Opened = opened });

    public void Dispose()
    {
        GC.SuppressFinalize(this);
        LinuxException.ThrowIfError(Sys.umount2(MountPoint, MNT.DETACH), "umount", MountPoint);
        Assert.True(_thread.Join(BoundedProcess.Patience));
        _device.Dispose();
        Directory.Delete(MountPoint);
    }

    private FuseNode Add(FuseNode parent, string name, FuseNode node)
    {
        _nodes[node.Id] = node;
        parent.Children[name] = node;
        return node;
    }

    private void Serve()
    {
        byte[] request = new byte[1 << 18];
        while (true)
        {
            nint got = Sys.read(_device.Value, request);
            if (Sys.Is(got, Errno.ENODEV))
                return; // unmounted
            if (got < HeaderSize)
                continue; // interrupted, or a request that was taken back
            ReadOnlySpan<byte> input = request.AsSpan(0, (int)got);
            uint opcode = BinaryPrimitives.ReadUInt32LittleEndian(input[4..]);
            ulong unique = BinaryPrimitives.ReadUInt64LittleEndian(input[8..]);
            if (opcode is 2 or 42)
                continue; // FORGET, BATCH_FORGET have no answer
            if (opcode != 26)
                Requests++;
            (Errno error, byte[] output) = Answer(opcode, BinaryPrimitives.ReadUInt64LittleEndian(input[16..]), input[HeaderSize..]);
            byte[] reply = new byte[16 + output.Length];
            BinaryPrimitives.WriteInt32LittleEndian(reply, reply.Length);
            BinaryPrimitives.WriteInt32LittleEndian(reply.AsSpan(4), -(int)error);
            BinaryPrimitives.WriteUInt64LittleEndian(reply.AsSpan(8), unique);
            output.CopyTo(reply, 16);
            _ = Sys.write(_device.Value, reply); // ignored: who asked may be gone meanwhile
        }
    }

    private (Errno, byte[]) Answer(uint opcode, ulong id, ReadOnlySpan<byte> body)
    {
        if (!_nodes.TryGetValue(id, out FuseNode? node) && opcode != 26)
            return (Errno.ENOENT, []);
        return opcode switch
        {
            1 => Entry(node!, Text(body)), // LOOKUP
            3 or 4 => (Errno.None, Attribute(node!)), // GETATTR, SETATTR
            9 => Made(node!, Text(body[8..])), // MKDIR
            11 => (RemoveFolder(node!, Text(body)), []), // RMDIR
            14 => (Errno.None, Opened(node!)), // OPEN
            15 => (Errno.None, Part(Encoding.UTF8.GetBytes(node!.Read()), body)), // READ
            16 => Written(node!, body), // WRITE
            17 => (Errno.None, new byte[80]), // STATFS
            18 or 25 or 29 => (Errno.None, []), // RELEASE, FLUSH, RELEASEDIR
            26 => (Errno.None, Hello()), // INIT
            27 => (Errno.None, Opened(node!)), // OPENDIR
            28 => (Errno.None, Entries(node!, body)), // READDIR
            _ => (Errno.ENOSYS, []),
        };
    }

    private (Errno, byte[]) Made(FuseNode parent, string name) =>
        MakeFolder(parent, name) is var error and not Errno.None ? (error, []) : Entry(parent, name);

    private static string Text(ReadOnlySpan<byte> body) => Encoding.UTF8.GetString(body[..body.IndexOf((byte)0)]);

    private static (Errno, byte[]) Entry(FuseNode parent, string name)
    {
        if (!parent.Children.TryGetValue(name, out FuseNode? node))
            return (Errno.ENOENT, []);
        byte[] entry = new byte[40 + AttributeSize]; // struct fuse_entry_out, nothing cached
        BinaryPrimitives.WriteUInt64LittleEndian(entry, node.Id);
        Describe(node, entry.AsSpan(40));
        return (Errno.None, entry);
    }

    private static byte[] Attribute(FuseNode node)
    {
        byte[] answer = new byte[16 + AttributeSize]; // struct fuse_attr_out
        Describe(node, answer.AsSpan(16));
        return answer;
    }

    private static void Describe(FuseNode node, Span<byte> attribute)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(attribute, node.Id);
        BinaryPrimitives.WriteUInt64LittleEndian(attribute[8..], (ulong)Encoding.UTF8.GetByteCount(node.Read()));
        BinaryPrimitives.WriteUInt32LittleEndian(attribute[60..], node.IsFolder ? FolderMode : FileMode);
        BinaryPrimitives.WriteUInt32LittleEndian(attribute[64..], node.IsFolder ? 2u : 1);
    }

    private static byte[] Opened(FuseNode node)
    {
        node.Opened?.Invoke();
        byte[] answer = new byte[16]; // struct fuse_open_out
        BinaryPrimitives.WriteUInt32LittleEndian(answer.AsSpan(8), DirectIo);
        return answer;
    }

    private static byte[] Part(byte[] all, ReadOnlySpan<byte> body)
    {
        int offset = (int)Math.Min(BinaryPrimitives.ReadUInt64LittleEndian(body[8..]), (ulong)all.Length);
        int size = (int)Math.Min(BinaryPrimitives.ReadUInt32LittleEndian(body[16..]), (uint)(all.Length - offset));
        return all[offset..(offset + size)];
    }

    private static (Errno, byte[]) Written(FuseNode node, ReadOnlySpan<byte> body)
    {
        uint size = BinaryPrimitives.ReadUInt32LittleEndian(body[16..]);
        Errno error = node.Write?.Invoke(Encoding.UTF8.GetString(body.Slice(40, (int)size))) ?? Errno.EACCES;
        byte[] answer = new byte[8]; // struct fuse_write_out
        BinaryPrimitives.WriteUInt32LittleEndian(answer, size);
        return error == Errno.None ? (Errno.None, answer) : (error, []);
    }

    private static byte[] Hello()
    {
        byte[] answer = new byte[64]; // struct fuse_init_out
        Span<uint> words = MemoryMarshal.Cast<byte, uint>(answer.AsSpan());
        (words[0], words[1], words[5]) = (7, 31, 1 << 16); // version, the longest write
        return answer;
    }

    private static byte[] Entries(FuseNode folder, ReadOnlySpan<byte> body)
    {
        int index = (int)BinaryPrimitives.ReadUInt64LittleEndian(body[8..]);
        uint size = BinaryPrimitives.ReadUInt32LittleEndian(body[16..]);
        List<byte> all = [];
        foreach ((string name, FuseNode node) in folder.Children.OrderBy(child => child.Value.Id).Skip(index))
        {
            byte[] text = Encoding.UTF8.GetBytes(name);
            byte[] entry = new byte[(24 + text.Length + 7) & ~7]; // struct fuse_dirent
            BinaryPrimitives.WriteUInt64LittleEndian(entry, node.Id);
            BinaryPrimitives.WriteUInt64LittleEndian(entry.AsSpan(8), (ulong)++index);
            BinaryPrimitives.WriteInt32LittleEndian(entry.AsSpan(16), text.Length);
            BinaryPrimitives.WriteUInt32LittleEndian(entry.AsSpan(20), node.IsFolder ? 4u : 8); // DT_DIR, DT_REG
            text.CopyTo(entry, 24);
            if (all.Count + entry.Length > size)
                break;
            all.AddRange(entry);
        }
        return [.. all];
    }
}
