using System.Text;
using Rundlet.Images.Copies;
using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Images.Tests.Copies;

/// <summary>A container's root and a folder of this machine, beside a canary that neither may reach.</summary>
internal sealed class CopyScene : IDisposable
{
    private readonly Sandbox _sandbox = new();
    private readonly OwnedFd _root, _machine = FileIo.Open(Sys.AT_FDCWD, "/", O.PATH | O.DIRECTORY);

    public CopyScene()
    {
        Directory.CreateDirectory(Inside);
        Directory.CreateDirectory(Local);
        _root = FileIo.Open(Sys.AT_FDCWD, Inside, O.PATH | O.DIRECTORY);
        Container = new FileRoot(_root.Value, "container 'c'") { IsForeign = true };
        Machine = new FileRoot(_machine.Value, "this machine");
    }

    public string Inside => $"{_sandbox.Root}/inside";

    public string Local => $"{_sandbox.Root}/local";

    public string Canary => _sandbox.Canary;

    public FileRoot Container { get; }

    public FileRoot Machine { get; }

    public void Out(string source, string target, CopyOptions? options = null, CopyNotes? notes = null, CancellationToken cancel = default) =>
        FileCopy.Run(Container, source, Machine, $"{Local}/{target}", options ?? new CopyOptions(), notes ?? new CopyNotes(), cancel);

    public void In(string source, string target, CopyOptions? options = null, CopyNotes? notes = null, CancellationToken cancel = default) =>
        FileCopy.Run(Machine, $"{Local}/{source}", Container, target, options ?? new CopyOptions(), notes ?? new CopyNotes(), cancel);

    public byte[] Pack(string source)
    {
        var archive = new MemoryStream();
        FileCopy.Pack(Container, source, archive, new CopyOptions(), new CopyNotes(), default);
        return archive.ToArray();
    }

    public void Unpack(byte[] archive, string target) => FileCopy.Unpack(new Trickle(archive, 4000), Container, target, new CopyNotes(), default);

    public string InsideFile(string path, string content = "content")
    {
        Directory.CreateDirectory(Path.GetDirectoryName($"{Inside}/{path}")!);
        File.WriteAllText($"{Inside}/{path}", content);
        return $"{Inside}/{path}";
    }

    public string LocalFile(string path, string content = "content")
    {
        Directory.CreateDirectory(Path.GetDirectoryName($"{Local}/{path}")!);
        File.WriteAllText($"{Local}/{path}", content);
        return $"{Local}/{path}";
    }

    /// <summary>All names beneath a folder, sorted.</summary>
    public static string[] Names(string folder) =>
        [.. Directory.EnumerateFileSystemEntries(folder, "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(folder, path)).Order(StringComparer.Ordinal)];

    /// <summary>Nothing outside of the two was touched.</summary>
    public void AssertUntouched() => _sandbox.AssertUntouched();

    public void Dispose()
    {
        _root.Dispose();
        _machine.Dispose();
        _sandbox.Dispose();
    }

    /// <summary>A process of the container that puts a link in the place of something and back again, until it is disposed.</summary>
    public Swapper Swap(string path, string other) => new(Encoding.UTF8.GetBytes($"{Inside}/{path}"), Encoding.UTF8.GetBytes($"{Inside}/{other}"));

    internal sealed class Swapper : IDisposable
    {
        private readonly Thread _thread;
        private volatile bool _ended;

        public Swapper(byte[] one, byte[] two)
        {
            _thread = new Thread(() =>
            {
                while (!_ended)
                {
                    Swaps++;
                    LinuxException.ThrowIfError(Sys.renameat2(Sys.AT_FDCWD, one, Sys.AT_FDCWD, two, RENAME.EXCHANGE), "swap");
                }
            });
            _thread.Start();
        }

        public long Swaps { get; private set; }

        public void Dispose()
        {
            _ended = true;
            _thread.Join();
        }
    }
}
