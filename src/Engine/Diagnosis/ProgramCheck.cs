using System.Runtime.InteropServices;
using System.Text;
using Rundlet.Engine.Specs;
using Rundlet.Linux;
using Rundlet.Oci;
using Rundlet.Syscalls;

namespace Rundlet.Engine.Diagnosis;

/// <summary>Why a program cannot be executed, by looking at its file and at what that wants.</summary>
/// <param name="files">The container's files.</param>
/// <param name="process">What was to run.</param>
/// <param name="mounts">Where something is mounted over the files, which cannot be seen here.</param>
internal sealed class ProgramCheck(RootFiles files, Process process, IReadOnlyList<string> mounts)
{
    private const int MaxFirstLine = 256;
    private const int MaxNames = 20_000;

    /// <summary>Looks; null where the program seems fine.</summary>
    public Finding? Run()
    {
        string name = ReaperProgram.Without(process.Args ?? []) is [var first, ..] ? first : "";
        if (name.Length == 0)
            return new Finding("no program was named");
        if (!name.Contains('/'))
            return SearchPath().Select(folder => $"{folder}/{name}").FirstOrDefault(files.IsProgram) is { } found ? CheckFile(found) : NotInPath(name);
        string path = name[0] == '/' ? name : $"{process.Cwd}/{name}";
        if (files.TryStat(path, out statx_t status))
            return (status.stx_mode & S.IFMT) == S.IFDIR ? new Finding($"'{name}' is a folder", "name a program in it") : CheckFile(path);
        if (Mount(path) is { } mount)
            return new Finding($"'{name}' would be in '{mount}', where something is mounted", "look whether the file is in what is mounted there");
        if (NearIn(path) == path)
            return LeadsNowhere(path);
        return new Finding($"there is no file '{name}' in the image", NearIn(path) is { } near ? $"did you mean '{near}'?" : null);
    }

    private Finding NotInPath(string name)
    {
        List<string> folders = [.. SearchPath()];
        if (folders.FirstOrDefault(folder => files.TryStat($"{folder}/{name}", out _)) is { } there)
            return new Finding($"'{there}/{name}' is not executable", $"chmod +x {there}/{name} in the image");
        if (folders.FirstOrDefault(folder => files.Names(folder).Contains(name)) is { } lost)
            return LeadsNowhere($"{lost}/{name}");
        string? near = Nearest.Of(name, folders.SelectMany(files.Names).Take(MaxNames));
        string text = $"no program '{name}' in the PATH of the image ({string.Join(':', folders)})";
        if (near is not null)
            return new Finding(text, $"did you mean '{near}'?");
        return new Finding(text, folders.All(folder => files.Names(folder).Count == 0) ? "the image has no programs there: name one by its whole path" : null);
    }

    private static Finding LeadsNowhere(string path) => new($"'{path}' is a symbolic link that leads nowhere", "let it lead to a program in the image");

    private Finding? CheckFile(string path)
    {
        if (files.TryStat(path, out statx_t status) && (status.stx_mode & S.IFMT) != S.IFREG)
            return new Finding($"'{path}' is not a file");
        if (!files.IsProgram(path))
            return new Finding($"'{path}' is not executable", $"chmod +x {path} in the image");
        byte[] start = files.Read(path, 0, MaxFirstLine);
        if (start.Length == 0)
            return new Finding($"'{path}' is empty");
        if (start.AsSpan().StartsWith("#!"u8))
            return CheckScript(path, start);
        if (ElfFile.TryRead(files, path) is not { } elf)
            return new Finding($"'{path}' is neither a program nor a script with a #! line", $"run it by its interpreter, as in: sh {path}");
        return CheckElf(path, elf);
    }

    private Finding? CheckScript(string path, ReadOnlySpan<byte> start)
    {
        int end = start.IndexOf((byte)'\n');
        string line = Encoding.UTF8.GetString(start[2..(end < 0 ? start.Length : end)]);
        if (line.EndsWith('\r'))
            return new Finding($"the first line of '{path}' ends as lines do on Windows, so its interpreter is not found", $"convert it: sed -i 's/\\r$//' {path}");
        string[] words = line.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
        if (words.Length == 0)
            return new Finding($"the first line of '{path}' names no interpreter");
        if (!files.TryStat(words[0], out _))
            return new Finding($"the interpreter '{words[0]}' of '{path}' is not in the image", NearIn(words[0]) is { } near ? $"there is '{near}'" : "install it in the image, or name another one in the first line");
        if (!files.IsProgram(words[0]))
            return new Finding($"the interpreter '{words[0]}' of '{path}' is not executable");
        if (words.Length > 1 && words[0].EndsWith("/env", StringComparison.Ordinal) && words[1] is [not '-', ..] && !SearchPath().Any(folder => files.IsProgram($"{folder}/{words[1]}")))
            return new Finding($"the interpreter '{words[1]}' of '{path}' is not in the PATH of the image", "install it in the image");
        return ElfFile.TryRead(files, words[0]) is { } elf ? CheckElf(words[0], elf) : null;
    }

    private Finding? CheckElf(string path, ElfFile elf)
    {
        string machine = RuntimeInformation.ProcessArchitecture switch { Architecture.X64 => "amd64", Architecture.Arm64 => "arm64", var other => other.ToString().ToLowerInvariant() };
        bool runsHere = elf.Architecture == machine || (machine == "amd64" && elf.Architecture == "386") || (machine == "arm64" && elf.Architecture == "arm");
        if (!runsHere)
            return new Finding($"'{path}' is for {elf.Architecture}, and this machine is {machine}", $"use an image for it: --platform linux/{machine}, or have binfmt_misc run it by qemu-user");
        if (elf.Interpreter is { } loader && !files.TryStat(loader, out _))
        {
            string other = loader.Contains("musl", StringComparison.Ordinal) ? "musl (Alpine)" : "glibc (Debian, Fedora, …)";
            return new Finding($"the loader '{loader}' of '{path}' is not in the image", $"the program was linked for {other}: take an image with it, or link the program statically");
        }
        List<(string Library, string WantedBy)> missing = elf.Interpreter is null ? [] : new LibrarySearch(files, process.Env ?? []).Missing(path);
        return missing.Count == 0
            ? null
            : new Finding($"'{missing[0].WantedBy}' wants {string.Join(", ", missing.Select(one => $"'{one.Library}'").Take(5))}, which is not in the image", "install the package of the library, or set LD_LIBRARY_PATH if it lies elsewhere");
    }

    private IEnumerable<string> SearchPath()
    {
        const string Variable = "PATH=";
        string? value = process.Env?.LastOrDefault(entry => entry.StartsWith(Variable, StringComparison.Ordinal));
        return (value?[Variable.Length..] ?? "/bin:/usr/bin").Split(':', StringSplitOptions.RemoveEmptyEntries);
    }

    private string? NearIn(string path)
    {
        int slash = path.LastIndexOf('/');
        string folder = slash > 0 ? path[..slash] : "/";
        if (Nearest.Of(path[(slash + 1)..], files.Names(folder).Take(MaxNames)) is { } near)
            return $"{folder.TrimEnd('/')}/{near}";
        // The same name elsewhere in the PATH.
        return SearchPath().Select(other => $"{other}/{path[(slash + 1)..]}").FirstOrDefault(files.IsProgram);
    }

    private string? Mount(string path) => mounts.FirstOrDefault(mount => mount.Length > 1 && path.StartsWith($"{mount.TrimEnd('/')}/", StringComparison.Ordinal));
}
