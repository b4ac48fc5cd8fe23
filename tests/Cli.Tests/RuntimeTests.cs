using Rundlet.Engine;
using Rundlet.Engine.State;
using Rundlet.Runtime.Supervision;

namespace Rundlet.Cli.Tests;

/// <summary><c>--runtime</c>: containers that another OCI runtime makes.</summary>
public sealed class RuntimeTests
{
    private const string Forever = "echo up; while :; do sleep 0.05; done";

    public static TheoryData<string> Runtimes => ["runc", "runcs"];

    [Theory]
    [MemberData(nameof(Runtimes))]
    public void A_container_of_another_runtime_lives_as_any_other(string name)
    {
        using Machine machine = new();
        string runtime = Runtime(machine, name);
        Assert.Equal(0, machine.Run("run", "-d", "--name", "box", "--runtime", runtime, "-m", "64m", "-v", "data:/data", "-v", $"{machine.Folder}:/host:ro", "shell", "/bin/sh", "-c", Forever).Code);
        Assert.Equal($"{runtime} running\n", machine.Run("inspect", "--format", "{{.HostConfig.Runtime}} {{.State.Status}}", "box").Output);
        Assert.Equal("root.tar\n", machine.Run("exec", "box", "/bin/sh", "-c", "echo kept > /data/file; cd /host; ls root.tar").Output);
        Assert.Contains("sleep", machine.Run("top", "box").Output);
        Assert.Contains("/ 64MiB", machine.Run("stats", "--no-stream", "box").Output);
        Assert.Equal(0, machine.Run("update", "-m", "128m", "box").Code);
        Assert.Contains("/ 128MiB", machine.Run("stats", "--no-stream", "box").Output);
        Assert.Equal(0, machine.Run("pause", "box").Code);
        Assert.Contains("(Paused)", machine.Run("ps").Output);
        Assert.Equal(0, machine.Run("unpause", "box").Code);
        Assert.Equal(0, machine.Run("restart", "-t", "0", "box").Code);
        Assert.Contains("/ 128MiB", machine.Run("stats", "--no-stream", "box").Output);
        Assert.Equal(0, machine.Run("stop", "-t", "0", "box").Code);
        Assert.Equal(0, machine.Run("start", "box").Code);
        Assert.Equal("kept\n", machine.Run("exec", "box", "/bin/cat", "/data/file").Output);
    }

    [Theory]
    [MemberData(nameof(Runtimes))]
    public void Limits_that_cannot_be_put_on_record_are_taken_back(string name)
    {
        using Machine machine = new();
        Must("run", "-d", "--name", "box", "--network", "none", "--runtime", Runtime(machine, name), "-m", "64m", "shell", "/bin/sleep", "600");
        string spec = Must("inspect", "box");
        string state = new EnginePaths($"{machine.Folder}/lib", $"{machine.Folder}/run").StateFile;
        using (Database database = Database.Open(state))
            database.Run("CREATE TRIGGER never BEFORE UPDATE OF options ON containers BEGIN SELECT RAISE(ABORT, 'not now'); END");
        Result failed = machine.Run("update", "-m", "128m", "--pids-limit", "50", "box");
        Assert.NotEqual(0, failed.Code);
        Assert.Contains("not now", failed.Error);
        Assert.Contains("/ 64MiB", Must("stats", "--no-stream", "box"));
        Assert.Equal("max\n", Must("exec", "box", "/bin/cat", Directory.Exists("/sys/fs/cgroup/pids") ? "/sys/fs/cgroup/pids/pids.max" : "/sys/fs/cgroup/pids.max"));
        Assert.Equal(spec, Must("inspect", "box"));

        string Must(params string[] words)
        {
            Result result = machine.Run(words);
            Assert.True(result.Code == 0, result.Error);
            return result.Output;
        }
    }

    [Theory]
    [MemberData(nameof(Runtimes))]
    public void The_next_command_takes_it_over_and_finds_its_end(string name)
    {
        using Machine machine = new();
        string id = LifeTests.Start(machine, "box", Forever, "--restart", "always", "--runtime", Runtime(machine, name));
        ContainerRuntimeState before = LifeTests.KillSupervisor(machine, id);
        Assert.Equal("in\n", machine.Run("exec", "box", "/bin/sh", "-c", "echo in").Output);
        Assert.Equal(before.Pid, LifeTests.StateOf(machine, id).Pid);
        LifeTests.KillSupervisor(machine, id);
        LifeTests.Kill(before.Pid);
        Assert.Contains("Up ", machine.Run("ps").Output);
        ContainerRuntimeState after = LifeTests.StateOf(machine, id);
        Assert.Equal(1, after.RestartCount);
        Assert.NotEqual(before.Pid, after.Pid);
    }

    [Theory]
    [InlineData("/bin/nope", 127)]
    [InlineData("nope", 127)]
    [InlineData("/bin/text", 126)]
    public void Exit_codes_are_dockers(string program, int code)
    {
        using Machine machine = new();
        Result result = machine.Run("run", "--rm", "--network", "none", "--runtime", Runtime(machine, "runc"), "shell", program);
        Assert.Equal(code, result.Code);
        Assert.StartsWith($"rundlet: exec: \"{program}\": ", result.Error);
    }

    [Theory]
    [InlineData("nowhere-to-be-found", "runtime 'nowhere-to-be-found' is neither in PATH nor in ")]
    [InlineData("/nowhere", "runtime '/nowhere' does not exist")]
    [InlineData("/etc/passwd", "runtime '/etc/passwd' is not an executable file")]
    [InlineData("bin/runc", "runtime 'bin/runc': the path must be absolute")]
    public void One_that_is_not_there_is_refused_before_anything_is_made(string runtime, string message)
    {
        using Machine machine = new();
        Result result = machine.Run("run", "--runtime", runtime, "shell", "/bin/true");
        Assert.Equal(125, result.Code);
        Assert.StartsWith($"rundlet: {message}", result.Error);
        Assert.Equal("", machine.Run("ps", "-aq").Output);
    }

    [Fact]
    public void One_that_is_gone_at_the_next_start_is_said()
    {
        using Machine machine = new();
        string program = Path.Combine(machine.Folder, "mine");
        File.Copy(Runtime(machine, "runcs"), program);
        Assert.Equal(0, machine.Run("create", "--name", "box", "--network", "none", "--runtime", program, "shell", "/bin/true").Code);
        File.Delete(program);
        Assert.Contains($"runtime '{program}' does not exist", machine.Run("start", "box").Error);
    }

    [Fact]
    public void A_user_namespace_is_for_our_own_alone()
    {
        using Machine machine = new();
        Result result = machine.Run("run", "--rm", "--userns", "auto", "--runtime", Runtime(machine, "runcs"), "shell", "/bin/true");
        Assert.Equal(125, result.Code);
        Assert.Contains("--userns auto works with rundlet's own runtime alone", result.Error);
    }

    private static string Runtime(Machine machine, string name)
    {
        string path = name == "runcs" ? Path.Combine(Path.GetDirectoryName(machine.Program)!, name) : $"/usr/sbin/{name}";
        if (!File.Exists(path))
            Assert.Skip($"{name} is not installed");
        return path;
    }
}
