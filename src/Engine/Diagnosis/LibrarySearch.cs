namespace Rundlet.Engine.Diagnosis;

/// <summary>Looks for the libraries of a program as ld.so(8) does, in its usual folders and those of <c>/etc/ld.so.conf</c>.</summary>
internal sealed class LibrarySearch
{
    private const int MaxFiles = 300;

    private readonly RootFiles _files;
    private readonly List<string> _folders;

    /// <param name="files">The container's files.</param>
    /// <param name="environment">Its variables, for <c>LD_LIBRARY_PATH</c>.</param>
    public LibrarySearch(RootFiles files, IEnumerable<string> environment)
    {
        _files = files;
        const string Variable = "LD_LIBRARY_PATH=";
        _folders =
        [
            .. environment.LastOrDefault(entry => entry.StartsWith(Variable, StringComparison.Ordinal))?[Variable.Length..].Split(':', StringSplitOptions.RemoveEmptyEntries) ?? [],
            .. Configured("/etc/ld.so.conf"),
            .. files.Names("/etc/ld.so.conf.d").Where(name => name.EndsWith(".conf", StringComparison.Ordinal)).SelectMany(name => Configured($"/etc/ld.so.conf.d/{name}")),
            "/lib", "/usr/lib", "/lib64", "/usr/lib64", "/usr/local/lib",
            .. Triplets("/lib"), .. Triplets("/usr/lib"),
        ];
    }

    /// <summary>The libraries that are missing, each with the file that wants it.</summary>
    public List<(string Library, string WantedBy)> Missing(string program)
    {
        List<(string, string)> missing = [];
        HashSet<string> seen = [];
        Queue<string> open = new([program]);
        while (open.TryDequeue(out string? path) && seen.Count < MaxFiles)
        {
            if (ElfFile.TryRead(_files, path) is not { } file)
                continue;
            foreach (string library in file.Needed.Where(seen.Add))
            {
                if (Find(library, file, path) is { } found)
                    open.Enqueue(found);
                else
                    missing.Add((library, path));
            }
        }
        return missing;
    }

    private string? Find(string library, ElfFile file, string path)
    {
        if (library.Contains('/'))
            return _files.TryStat(library, out _) ? library : null;
        string origin = path[..Math.Max(path.LastIndexOf('/'), 1)];
        return file.SearchPath.Select(folder => folder.Replace("$ORIGIN", origin, StringComparison.Ordinal).Replace("${ORIGIN}", origin, StringComparison.Ordinal))
            .Concat(_folders).Select(folder => $"{folder}/{library}").FirstOrDefault(candidate => _files.TryStat(candidate, out _));
    }

    private IEnumerable<string> Configured(string path) =>
        (_files.TryReadText(path) ?? "").Split('\n').Select(line => line.Split('#')[0].Trim()).Where(line => line.StartsWith('/'));

    // Debian's folders of an architecture, such as /lib/x86_64-linux-gnu.
    private IEnumerable<string> Triplets(string folder) =>
        _files.Names(folder).Where(name => name.Contains("-linux-", StringComparison.Ordinal)).Select(name => $"{folder}/{name}");
}
