using System.Text;
using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Dns.Names;

/// <summary>
/// The names of one network in memory. Nothing is read before somebody asks, and then only the files that have changed: the folder's time
/// tells whether any has.
/// </summary>
/// <param name="name">The network's name.</param>
/// <param name="folder">Its folder, in which <see cref="NetworkNames"/> are.</param>
/// <param name="runs">Whether a container runs, by its id.</param>
internal sealed class NetworkZone(string name, string folder, Predicate<string> runs)
{
    /// <summary>More containers than that are not known.</summary>
    public const int MaxContainers = 16384;

    // How long "it runs" is believed. An end is told by the file's removal as a rule, by this after a crash.
    private const int BeliefMs = 1000;

    private readonly byte[] _path = Encoding.UTF8.GetBytes(NetworkNames.PathOf(folder));
    private readonly byte[] _name = Encoding.UTF8.GetBytes(name.ToLowerInvariant());
    private NamedContainer[] _containers = [];
    private int[] _hashes = []; // of all names of all containers,
    private int[] _owners = []; // and whose each is
    private FileStamp _stamp;
    private bool _isFresh;

    /// <summary>The network's name in small letters.</summary>
    public ReadOnlySpan<byte> Name => _name;

    /// <summary>The folder that it reads.</summary>
    public string Folder => folder;

    /// <summary>Whether that is its name.</summary>
    public bool IsCalled(string other) => name == other;

    /// <summary>Reads what has changed.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public void Refresh()
    {
        FileStamp stamp = FileStamp.Of(Sys.AT_FDCWD, _path);
        if (stamp == _stamp && !_isFresh)
            return;
        bool fresh = stamp.IsFresh; // before the reading: what changes behind it changes the stamp
        Read();
        (_stamp, _isFresh) = (stamp, fresh);
    }

    /// <summary>Finds who has a name and runs.</summary>
    /// <param name="text">The name in small letters, without the network's.</param>
    /// <param name="found">Gets them, in a fixed order.</param>
    public void Find(ReadOnlySpan<byte> text, List<NamedContainer> found)
    {
        int hash = HashOf(text);
        ReadOnlySpan<int> hashes = _hashes;
        int at = 0;
        while (hashes[at..].IndexOf(hash) is >= 0 and int next)
        {
            at += next;
            NamedContainer container = _containers[_owners[at++]];
            if (Knows(container, text) && Runs(container) && !found.Contains(container))
                found.Add(container);
        }
    }

    /// <summary>Who has an address and runs; null for nobody.</summary>
    public NamedContainer? TryFind(ReadOnlySpan<byte> address)
    {
        foreach (NamedContainer container in _containers)
        {
            if (container.Has(address) && Runs(container))
                return container;
        }
        return null;
    }

    private static bool Knows(NamedContainer container, ReadOnlySpan<byte> text)
    {
        foreach (byte[] known in container.Names)
        {
            if (text.SequenceEqual(known))
                return true;
        }
        return false;
    }

    private bool Runs(NamedContainer container)
    {
        long now = Environment.TickCount64;
        if (now < container.RunsUntil)
            return true;
        if (!runs(container.Id))
            return false;
        container.RunsUntil = now + BeliefMs;
        return true;
    }

    private void Read()
    {
        int fd = Sys.openat(Sys.AT_FDCWD, _path, O.RDONLY | O.DIRECTORY);
        if (Sys.Is(fd, Errno.ENOENT) || Sys.Is(fd, Errno.ENOTDIR))
        {
            Set([]);
            return;
        }
        using OwnedFd opened = OwnedFd.FromAnswer(fd, "open", folder);
        Dictionary<string, NamedContainer> known = [];
        foreach (NamedContainer container in _containers)
            known[container.Id] = container;
        List<NamedContainer> containers = [];
        foreach (string file in FolderList.Of(opened.Value, folder))
        {
            if (file[0] == '.' || containers.Count >= MaxContainers)
                continue;
            FileStamp stamp = FileStamp.Of(opened.Value, file);
            if (known.TryGetValue(file, out NamedContainer? old) && old.Stamp == stamp && !stamp.IsFresh)
                containers.Add(old);
            else if (TryRead(opened.Value, file, stamp) is { } container)
                containers.Add(container);
        }
        containers.Sort(static (one, other) => string.CompareOrdinal(one.Id, other.Id)); // a folder has no order
        Set([.. containers]);
    }

    // One that cannot be read harms nobody but itself.
    private static NamedContainer? TryRead(int opened, string file, FileStamp stamp)
    {
        try
        {
            return new NamedContainer(file, stamp, NamesRecord.Read(FileIo.ReadFile(opened, file, NamesRecord.MaxFile)));
        }
        catch (LinuxException)
        {
            return null; // removed meanwhile, or larger than we write them
        }
    }

    private void Set(NamedContainer[] containers)
    {
        int count = 0;
        foreach (NamedContainer container in containers)
            count += container.Names.Length;
        int[] hashes = new int[count], owners = new int[count];
        int at = 0;
        for (int i = 0; i < containers.Length; i++)
        {
            foreach (byte[] known in containers[i].Names)
                (hashes[at], owners[at++]) = (HashOf(known), i);
        }
        (_containers, _hashes, _owners) = (containers, hashes, owners);
    }

    // FNV-1a.
    private static int HashOf(ReadOnlySpan<byte> text)
    {
        uint hash = 2166136261;
        foreach (byte b in text)
            hash = (hash ^ b) * 16777619;
        return (int)hash;
    }
}
