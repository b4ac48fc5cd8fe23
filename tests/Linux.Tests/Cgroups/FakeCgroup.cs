using Rundlet.Linux.Cgroups;

namespace Rundlet.Linux.Tests.Cgroups;

/// <summary>Cgroup folders in a temporary folder, with the files that a test wants to be there.</summary>
internal sealed class FakeCgroup : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("rundlet-cgroup-").FullName;
    private readonly CgroupFolder _folder;

    /// <summary>One hierarchy with files by name; a name may bring a content along: <c>memory.max=max</c>.</summary>
    public FakeCgroup(bool isV2, string[] controllers, params string[] files)
    {
        foreach (string file in files)
        {
            int equals = file.IndexOf('=');
            File.WriteAllText(Path.Combine(_root, equals < 0 ? file : file[..equals]), equals < 0 ? "" : file[(equals + 1)..]);
        }
        _folder = CgroupFolder.Unverified(_root, isV2, controllers);
        Cgroup = new Cgroup(new CgroupFolders([_folder]));
    }

    public Cgroup Cgroup { get; }

    public CgroupFolder Folder => _folder;

    public string this[string file] => File.ReadAllText(Path.Combine(_root, file));

    public void Dispose()
    {
        Cgroup.Dispose();
        Directory.Delete(_root, recursive: true);
    }
}
