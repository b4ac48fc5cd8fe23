using System.Text.Json.Nodes;

namespace Rundlet.Runcs.Tests;

public sealed partial class ConformanceTests
{
    // What one process sends to the listener of a filter.
    private JsonNode Notified()
    {
        string path = $"{Scratch}/listener";
        using ConsoleListener listener = new(path);
        TestContainer container = With("linux.seccomp", "{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"listenerPath\": \"" + path + "\", \"listenerMetadata\": \"opaque\", \"syscalls\": [{\"names\": [\"mkdir\", \"mkdirat\"], \"action\": \"SCMP_ACT_NOTIFY\"}]}");
        container.Script("mkdir /x; true").Save();
        using BoundedProcess run = container.Begin("", "run", "--bundle", container.Bundle, container.Id);
        if (WaitedFor(run, listener))
            Assert.Fail(run.Wait().Error);
        string said;
        using (TerminalMaster filter = listener.Receive()) // closed without an answer: the call fails
            said = filter.Name;
        run.Wait().Good();
        return Json(said);
    }

    // Whether the runtime ended before anybody connected.
    private static bool WaitedFor(BoundedProcess run, ConsoleListener listener)
    {
        while (!listener.IsConnected(TimeSpan.FromMilliseconds(100)))
        {
            if (run.HasEnded)
                return true;
        }
        return false;
    }

    private void MovesDevice()
    {
        TestContainer container = With("linux.netDevices", """{"rundlet0": {"name": "eth7"}}""").Script("grep -c eth7: /proc/net/dev");
        container.Save();
        using BoundedProcess run = BoundedProcess.Start($"{Scratch}/moved",
            ["unshare", "--net", "sh", "-c", "ip link add rundlet0 type veth peer name rundlet1 && exec \"$@\"", "sh", RuntimeProgram.Path, "--root", container.StateRoot, "run", "--bundle", container.Bundle, container.Id]);
        Assert.Equal("1\n", run.Wait().Good().Output);
    }

    private void RunsWithoutRoot()
    {
        const string User = "12345";
        TestContainer container = Container().Namespace("user").RemoveNamespace("cgroup").Script("id -u; tr -s ' ' </proc/self/uid_map");
        container.LinuxPart.Remove("cgroupsPath");
        container.LinuxPart["uidMappings"] = Json("[{\"containerID\": 0, \"hostID\": " + User + ", \"size\": 1}]");
        container.LinuxPart["gidMappings"] = Json("[{\"containerID\": 0, \"hostID\": " + User + ", \"size\": 1}]");
        container.Save();
        string program = $"{Scratch}/{Path.GetFileName(RuntimeProgram.Path)}"; // the checkout may be closed to others
        TestRootfs.CopyProgram(RuntimeProgram.Path, program);
        string own = Directory.CreateDirectory($"{Scratch}/own").FullName;
        using BoundedProcess chown = BoundedProcess.Start($"{Scratch}/chown", ["chown", "-R", $"{User}:{User}", own, container.Bundle]);
        chown.Wait().Good();
        using BoundedProcess run = BoundedProcess.Start($"{Scratch}/rootless",
            ["setpriv", $"--reuid={User}", $"--regid={User}", "--clear-groups", "--inh-caps=-all", "--bounding-set=-all", "env", $"XDG_RUNTIME_DIR={own}", program, "--root", $"{own}/state", "run", "--bundle", container.Bundle, container.Id]);
        Assert.Equal($"0\n 0 {User} 1\n", run.Wait().Good().Output);
    }
}

