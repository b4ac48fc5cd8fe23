using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Rundlet.Linux;
using Rundlet.Linux.Proc;
using Rundlet.Syscalls;

namespace Rundlet.Runcs.Tests;

/// <summary>A bundle in a folder of its own, with a state root, an id and a cgroup that nobody else has.</summary>
internal sealed class TestContainer
{
    private static readonly string[] s_namespaces = ["pid", "network", "ipc", "uts", "mount", "cgroup"];
    private int _runs;

    public TestContainer(string folder, int number)
    {
        Folder = folder;
        Id = $"rt{Environment.ProcessId}-{number}-{System.IO.Path.GetFileName(folder)[^6..]}";
        Directory.CreateDirectory(Bundle);
        TestRootfs.Make(Rootfs);
        Spec = MakeSpec();
    }

    /// <summary>The folder of the test: bundle, state root, output.</summary>
    public string Folder { get; }

    public string Id { get; }

    public string Bundle => $"{Folder}/{Id}";

    public string Rootfs => $"{Bundle}/rootfs";

    public string StateRoot => $"{Folder}/state";

    /// <summary>The config.json to be; written by every command that reads it.</summary>
    public JsonObject Spec { get; }

    public JsonObject Process => Spec["process"]!.AsObject();

    public JsonObject LinuxPart => Spec["linux"]!.AsObject();

    public JsonArray Mounts => Spec["mounts"]!.AsArray();

    /// <summary>The runtime, and what starts it where it is not started as root and as it is.</summary>
    public string[] Launcher { get; set; } = [RuntimeProgram.Path];

    /// <summary>Where the last create or run wrote the container's own output.</summary>
    public string ContainerOutput => File.ReadAllText($"{OutputFiles}.out");

    /// <summary>The same for its errors.</summary>
    public string ErrorFile => $"{OutputFiles}.err";

    /// <summary>The same for its output.</summary>
    public string OutputFile => $"{OutputFiles}.out";

    /// <summary>Where the command that was begun last writes, without the ending.</summary>
    public string LastOutput => $"{Folder}/{Id}.{_runs}";

    private string OutputFiles { get; set; } = "";

    /// <summary>The program: a shell script.</summary>
    public TestContainer Script(string text) => Args("/bin/sh", "-c", text);

    public TestContainer Args(params string[] args)
    {
        Process["args"] = new JsonArray([.. args.Select(word => JsonValue.Create(word))]);
        return this;
    }

    /// <summary>Adds a mount.</summary>
    public TestContainer Mount(string destination, string type, string source, params string[] options)
    {
        Mounts.Add(new JsonObject { ["destination"] = destination, ["type"] = type, ["source"] = source, ["options"] = Texts(options) });
        return this;
    }

    /// <summary>Sets the path of a namespace, null for a new one.</summary>
    public TestContainer Namespace(string type, string? path = null)
    {
        RemoveNamespace(type);
        JsonObject item = new() { ["type"] = type };
        if (path is not null)
            item["path"] = path;
        LinuxPart["namespaces"]!.AsArray().Add(item);
        return this;
    }

    public TestContainer RemoveNamespace(string type)
    {
        JsonArray all = LinuxPart["namespaces"]!.AsArray();
        foreach (JsonNode? item in all.Where(item => (string?)item!["type"] == type).ToList())
            all.Remove(item);
        return this;
    }

    /// <summary>A user namespace of its own: ids from 0 on are the host's from 100000 on, and the image belongs to them.</summary>
    public TestContainer UserNamespace()
    {
        const int First = 100000;
        Namespace("user");
        foreach (string member in new[] { "uidMappings", "gidMappings" })
            LinuxPart[member] = Mapping(0, First, 65536);
        foreach (string path in Directory.EnumerateFileSystemEntries(Rootfs, "*", SearchOption.AllDirectories).Append(Rootfs))
            LinuxException.ThrowIfError(Sys.fchownat(Sys.AT_FDCWD, path, First, First, AT.SYMLINK_NOFOLLOW), "chown", path);
        return this;
    }

    /// <summary>An id mapping of one range.</summary>
    public static JsonArray Mapping(uint container, uint host, uint size) =>
        new(new JsonObject { ["containerID"] = container, ["hostID"] = host, ["size"] = size });

    /// <summary>The five sets, each a list of names.</summary>
    public TestContainer Capabilities(string[] bounding, string[] effective, string[] permitted, string[] inheritable, string[] ambient)
    {
        Process["capabilities"] = new JsonObject
        {
            ["bounding"] = Texts(bounding),
            ["effective"] = Texts(effective),
            ["permitted"] = Texts(permitted),
            ["inheritable"] = Texts(inheritable),
            ["ambient"] = Texts(ambient),
        };
        return this;
    }

    public TestContainer Capabilities(params string[] all) => Capabilities(all, all, all, [], []);

    /// <summary>The runtime with the container's state root.</summary>
    public Finished Runtime(params string[] arguments) => Redirected("", arguments);

    /// <summary>The runtime with more redirections of the shell's.</summary>
    public Finished Redirected(string redirections, params string[] arguments)
    {
        using BoundedProcess process = Begin(redirections, arguments);
        return process.Wait();
    }

    /// <summary>The runtime, not waited for.</summary>
    public BoundedProcess Begin(string redirections, params string[] arguments) =>
        BoundedProcess.Start($"{Folder}/{Id}.{Interlocked.Increment(ref _runs)}", [.. Launcher, "--root", StateRoot, .. arguments], redirections);

    public void Save() => File.WriteAllText($"{Bundle}/config.json", Spec.ToJsonString());

    public Finished Run(params string[] flags)
    {
        Save();
        return Runtime(["run", "--bundle", Bundle, .. flags, Id]);
    }

    /// <summary>The output of the container's program, which must succeed.</summary>
    public string Output(params string[] flags) => Run(flags).Good().Output.TrimEnd('\n');

    public Finished Create(params string[] flags)
    {
        Save();
        Finished created = Runtime(["create", "--bundle", Bundle, .. flags, Id]);
        OutputFiles = $"{Folder}/{Id}.{_runs}";
        return created;
    }

    public Finished Start() => Runtime("start", Id);

    /// <summary>Created and started.</summary>
    public TestContainer Up()
    {
        Create().Good();
        Start().Good();
        return this;
    }

    public Finished Exec(params string[] words) => Runtime(["exec", Id, .. words]);

    public JsonObject State() => JsonNode.Parse(Runtime("state", Id).Good().Output)!.AsObject();

    public string Status() => (string)State()["status"]!;

    public int Pid() => (int)State()["pid"]!;

    /// <summary>Waits until the first process has ended; it stays a zombie.</summary>
    public void WaitForEnd(int pid)
    {
        int pidfd = Sys.pidfd_open(pid);
        if (Sys.Is(pidfd, Errno.ESRCH))
            return;
        using OwnedFd process = OwnedFd.FromAnswer(pidfd, "pidfd_open");
        Span<pollfd> end = [new pollfd { fd = process.Value, events = POLL.IN }];
        Assert.Equal(1, Sys.poll(end, (int)BoundedProcess.Patience.TotalMilliseconds));
    }

    /// <summary>Waits until a file has a text in it.</summary>
    public void AwaitText(string file, string text)
    {
        using FileSystemWatcher watcher = new(System.IO.Path.GetDirectoryName(file)!, System.IO.Path.GetFileName(file));
        using AutoResetEvent changed = new(false);
        watcher.Changed += (_, _) => changed.Set();
        watcher.Created += (_, _) => changed.Set();
        watcher.EnableRaisingEvents = true;
        while (!File.Exists(file) || !File.ReadAllText(file).Contains(text, StringComparison.Ordinal))
            Assert.True(changed.WaitOne(BoundedProcess.Patience), $"no '{text}' in {file}");
    }

    /// <summary>Starts the created container and waits for its end.</summary>
    public string StartAndWait()
    {
        int pid = Pid();
        Start().Good();
        WaitForEnd(pid);
        return ContainerOutput.TrimEnd('\n');
    }

    /// <summary>The same for a container that was created without <see cref="Create"/>.</summary>
    public void StartAndWaitFrom(int pid)
    {
        Start().Good();
        WaitForEnd(pid);
    }

    /// <summary>A file of the cgroup of a process, by the v1 controller's name; on cgroup v2 the unified folder's.</summary>
    public static string CgroupFile(int pid, string controller, string file)
    {
        foreach (string line in File.ReadAllLines($"/proc/{pid}/cgroup"))
        {
            string[] parts = line.Split(':', 3);
            if (parts[1].Split(',').Contains(controller) && CgroupMounts.Find(controller) is { } point)
                return $"{point}{parts[2]}/{file}";
        }
        string own = File.ReadAllLines($"/proc/{pid}/cgroup").Single(line => line.StartsWith("0::", StringComparison.Ordinal))[3..];
        return $"{CgroupMounts.Unified}{own}/{file}";
    }

    public static JsonArray Texts(params string[] words) => new([.. words.Select(word => JsonValue.Create(word))]);

    private JsonObject MakeSpec() => new()
    {
        ["ociVersion"] = "1.0.2",
        ["process"] = new JsonObject
        {
            ["args"] = Texts("/bin/true"),
            ["cwd"] = "/",
            ["env"] = Texts("PATH=/bin"),
            ["user"] = new JsonObject { ["uid"] = 0, ["gid"] = 0 },
            ["capabilities"] = new JsonObject(),
        },
        ["root"] = new JsonObject { ["path"] = "rootfs" },
        ["mounts"] = new JsonArray(
            new JsonObject { ["destination"] = "/proc", ["type"] = "proc", ["source"] = "proc" },
            new JsonObject { ["destination"] = "/dev", ["type"] = "tmpfs", ["source"] = "tmpfs", ["options"] = Texts("nosuid", "strictatime", "mode=755", "size=65536k") }),
        ["linux"] = new JsonObject
        {
            ["cgroupsPath"] = $"/rundlet-test-{Id}",
            ["namespaces"] = new JsonArray([.. s_namespaces.Select(type => new JsonObject { ["type"] = type })]),
        },
    };
}
