using System.Diagnostics;
using System.Formats.Tar;
using System.Text;

namespace Rundlet.Cli.Tests;

/// <summary>
/// <c>rundlet</c> as it was built, over roots of the test's own, with an image made of this machine's shell. Disposing it
/// fails when anything is left of its containers.
/// </summary>
public sealed class Machine : IDisposable
{
    // The guest of eng/vm computes ten to twenty times longer, and longer still where its machine has other work.
    private static readonly int s_patience = Environment.GetEnvironmentVariable("IN_VM") == "1" ? 5 : 1;
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60 * s_patience), s_outputLimit = TimeSpan.FromSeconds(20 * s_patience);
    private static readonly string[] s_programs = ["sh", "cat", "sleep", "stty", "id", "true", "touch", "ls", "env", "mkdir", "ln"];
    private static readonly Lazy<byte[]> s_shell = new(PackShell); // asking ldd for each program takes longer than a short test

    private readonly string _folder = Directory.CreateTempSubdirectory("rundlet-cli-").FullName;

    public Machine()
    {
        if (Environment.UserName != "root")
            Assert.Skip("needs root");
        Program = Path.Combine(Repository(), "artifacts/bin/rundlet");
        if (!File.Exists(Program) || !File.Exists(Program + "-supervisor"))
            Assert.Skip("needs the programs in artifacts/bin");
        string archive = Path.Combine(_folder, "root.tar");
        File.WriteAllBytes(archive, s_shell.Value);
        Assert.Equal(0, Run("import", archive, "shell").Code);
    }

    /// <summary>The program.</summary>
    public string Program { get; }

    /// <summary>A folder of the test's own.</summary>
    public string Folder => _folder;

    /// <summary>More of the environment of commands.</summary>
    public Dictionary<string, string> Variables { get; } = [];

    /// <summary>Runs a command to its end.</summary>
    public Result Run(params string[] arguments) => RunWithInput("", arguments);

    /// <summary>Runs a command with something on its standard input.</summary>
    public Result RunWithInput(string input, params string[] arguments)
    {
        using Process process = Start(arguments);
        process.StandardInput.Write(input);
        process.StandardInput.Close();
        return Finish(process);
    }

    /// <summary>Starts a command.</summary>
    public Process Start(params string[] arguments)
    {
        return Process.Start(StartInfo(Program, arguments))!;
    }

    /// <summary>How to start a program that may call <c>rundlet</c>.</summary>
    public ProcessStartInfo StartInfo(string program, params string[] arguments)
    {
        ProcessStartInfo start = new(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["RUNDLET_ROOT"] = $"{_folder}/lib";
        start.Environment["RUNDLET_RUN_ROOT"] = $"{_folder}/run";
        start.Environment["RUNDLET_CONFIG_DIR"] = $"{_folder}/config";
        start.Environment["DOCKER_CONFIG"] = $"{_folder}/config";
        foreach ((string name, string value) in Variables)
            start.Environment[name] = value;
        return start;
    }

    /// <summary>Waits for the end of a command, and of its output.</summary>
    public static Result Finish(Process process) => Finish(process, s_limit);

    /// <summary>The same for one that may take longer.</summary>
    public static Result Finish(Process process, TimeSpan limit)
    {
        Task<string[]> said = Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        string command = $"{process.StartInfo.FileName} {string.Join(' ', process.StartInfo.ArgumentList)}";
        if (!process.WaitForExit(limit))
        {
            process.Kill();
            Assert.Fail($"a command did not end within {limit}: {command}");
        }
        // Whoever has inherited the pipes keeps them open.
        Assert.True(said.Wait(s_outputLimit), $"a command has ended, and its output has not within {s_outputLimit}: {command}");
        return new Result(process.ExitCode, said.Result[0], said.Result[1]);
    }

    public void Dispose()
    {
        foreach (string id in Run("ps", "-aq", "--no-trunc").Output.Split('\n', StringSplitOptions.RemoveEmptyEntries))
            Run("rm", "-f", id);
        Run("network", "prune", "-f");
        string leaks = Leaks();
        Directory.Delete(_folder, recursive: true);
        Assert.Equal("", leaks);
    }

    /// <summary>What is left of containers: mounts, processes, files.</summary>
    public string Leaks()
    {
        StringBuilder leaks = new();
        foreach (string line in File.ReadLines("/proc/self/mountinfo").Where(line => line.Contains(_folder)))
            leaks.Append("mount ").AppendLine(line);
        foreach (string path in Directory.EnumerateFileSystemEntries($"{_folder}/run/containers").Concat(Directory.EnumerateFileSystemEntries($"{_folder}/lib/containers")))
            leaks.Append("folder ").AppendLine(path);
        foreach (string process in Directory.EnumerateDirectories("/proc").Where(path => int.TryParse(Path.GetFileName(path), out _)))
        {
            if (CommandLine(process) is { } line && line.Contains("rundlet-supervisor") && line.Contains(_folder))
                leaks.Append("process ").AppendLine(line);
        }
        foreach (string path in Directory.Exists($"{_folder}/run/networks") ? Directory.EnumerateFiles($"{_folder}/run/networks", "*", SearchOption.AllDirectories) : [])
        {
            if (Path.GetFileName(Path.GetDirectoryName(path)) is "addresses" or "names" && !Path.GetFileName(path).StartsWith('.'))
                leaks.Append("address or name ").AppendLine(path);
        }
        return leaks.ToString();
    }

    private static string? CommandLine(string process)
    {
        try
        {
            return File.ReadAllText($"{process}/cmdline").Replace('\0', ' ');
        }
        catch (IOException)
        {
            return null; // it has ended
        }
    }

    // Programs of the host with the libraries that they want, as ldd lists them.
    private static byte[] PackShell()
    {
        using MemoryStream archive = new();
        TarWriter tar = new(archive, leaveOpen: true);
        HashSet<string> packed = [];
        foreach (string program in s_programs)
        {
            string path = ((string[])["/bin/", "/usr/bin/"]).Select(folder => folder + program).First(File.Exists);
            Add(tar, packed, path, $"bin/{program}");
            using Process ldd = Process.Start(new ProcessStartInfo("ldd", [path]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            foreach (string word in Finish(ldd).Output.Split([' ', '\n', '\t']).Where(word => word.StartsWith('/')))
                Add(tar, packed, word, word[1..]);
        }
        Entry(tar, "etc/passwd", "root:x:0:0:root:/root:/bin/sh\nann:x:1000:1000::/home/ann:/bin/sh\n", 0x1A4);
        Entry(tar, "etc/group", "root:x:0:\nann:x:1000:\nextra:x:2000:ann\n", 0x1A4);
        Entry(tar, "bin/text", "not executable\n", 0x1A4);
        tar.WriteEntry(new PaxTarEntry(TarEntryType.Directory, "tmp") { Mode = (UnixFileMode)0x3FF });
        tar.Dispose(); // it ends the archive
        return archive.ToArray();
    }

    private static void Add(TarWriter tar, HashSet<string> packed, string source, string name)
    {
        if (!packed.Add(name))
            return;
        using FileStream file = File.OpenRead(File.ResolveLinkTarget(source, returnFinalTarget: true)?.FullName ?? source);
        tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = file, Mode = (UnixFileMode)0x1ED });
    }

    private static void Entry(TarWriter tar, string name, string text, int mode) =>
        tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(Encoding.UTF8.GetBytes(text)), Mode = (UnixFileMode)mode });

    /// <summary>The repository's root.</summary>
    internal static string Repository()
    {
        string folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Rundlet.slnx")))
            folder = Path.GetDirectoryName(folder) ?? throw new DirectoryNotFoundException("the repository's root");
        return folder;
    }
}

/// <summary>What a command said.</summary>
/// <param name="Code">Its exit code.</param>
/// <param name="Output">Standard output.</param>
/// <param name="Error">Standard error.</param>
public sealed record Result(int Code, string Output, string Error);
