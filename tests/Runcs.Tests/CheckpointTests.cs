using System.Diagnostics;
using System.Text.Json.Nodes;
using Rundlet.Linux.Proc;
using Rundlet.Syscalls;

namespace Rundlet.Runcs.Tests;

public sealed class CheckpointTests : ContainerTest
{
    // Goes on only with the memory that it had: the numbers have no gap and begin once.
    private const string Counter = "i=0; while :; do i=$((i+1)); echo $i >>/data/numbers; usleep 20000; done";

    private string Images => $"{Scratch}/images";

    [SpecRow("cli.checkpoint", "cli.restore")]
    [Fact]
    public void A_container_goes_on_where_it_was_when_it_was_dumped()
    {
        SkipUnlessCriuWorks();
        TestContainer container = Counting();
        int first = container.Pid();
        string[] mounts = MountsOf(first);
        string[] rights = RightsOf(first);
        Assert.Contains("NoNewPrivs:\t1", rights);
        Assert.Contains("Seccomp:\t2", rights);
        container.Runtime("checkpoint", "--image-path", Images, "--leave-running", container.Id).Good();
        Assert.Equal("running", container.Status());
        Directory.Delete(Images, recursive: true);

        container.Runtime("checkpoint", "--image-path", Images, container.Id).Good();
        container.Runtime("state", container.Id).Refused(1, "does not exist");
        int reached = File.ReadAllLines(Numbers).Length;
        string pidFile = $"{Scratch}/pid";
        container.Redirected(SameFiles(container), "restore", "--detach", "--image-path", Images, "--work-path", $"{Scratch}/work", "--bundle", container.Bundle, "--pid-file", pidFile, container.Id).Good();

        Assert.Equal("running", container.Status());
        Assert.Equal($"{container.Pid()}", File.ReadAllText(pidFile));
        container.AwaitText(Numbers, $"\n{reached + 3}\n");
        string[] numbers = File.ReadAllLines(Numbers);
        Assert.Equal(Enumerable.Range(1, numbers.Length).Select(number => $"{number}"), numbers);
        Assert.Contains($"/rundlet-test-{container.Id}", File.ReadAllText($"/proc/{container.Pid()}/cgroup"), StringComparison.Ordinal);
        Assert.Equal(string.Join('\n', mounts), string.Join('\n', MountsOf(container.Pid())));
        Assert.Equal(rights, RightsOf(container.Pid()));
        Assert.Equal("inside\n", container.Exec("/bin/echo", "inside").Good().Output);
        Assert.Equal("", container.Exec("/bin/cat", "/proc/timer_list").Good().Output); // still masked
        container.Runtime("pause", container.Id).Good();
        container.Runtime("checkpoint", "--image-path", Images, container.Id).Refused(1, "in state paused");
        container.Runtime("resume", container.Id).Good();
        int pid = container.Pid();
        container.Runtime("kill", container.Id, "KILL").Good();
        container.WaitForEnd(pid);
        container.Runtime("delete", container.Id).Good();
    }

    [Fact]
    public void A_restore_in_the_foreground_waits_and_tells_how_it_ended()
    {
        SkipUnlessCriuWorks();
        TestContainer container = Counting();
        container.Runtime("checkpoint", "--image-path", Images, container.Id).Good();
        int reached = File.ReadAllLines(Numbers).Length;
        using BoundedProcess restore = container.Begin(SameFiles(container), "restore", "--image-path", Images, "--bundle", container.Bundle, container.Id);
        container.AwaitText(Numbers, $"\n{reached + 1}\n");
        container.Runtime("kill", container.Id, "KILL").Good();
        Assert.Equal(128 + 9, restore.Wait().Status);
        container.Runtime("state", container.Id).Refused(1, "does not exist");
    }

    [Fact]
    public void A_restore_from_damaged_images_leaves_nothing()
    {
        SkipUnlessCriuWorks();
        TestContainer container = Counting();
        container.Runtime("checkpoint", "--image-path", Images, container.Id).Good();
        File.Delete(Directory.GetFiles(Images, "pages-*.img")[0]);
        Assert.Equal(1, container.Redirected(SameFiles(container), "restore", "-d", "--image-path", Images, "--bundle", container.Bundle, container.Id).Status);
        Assert.Contains($"log '{Images}/restore.log': Error (", File.ReadAllText(container.ErrorFile), StringComparison.Ordinal);
        container.Runtime("state", container.Id).Refused(1, "does not exist");
    }

    [Fact]
    public void Only_a_running_container_is_dumped()
    {
        RuntimeProgram.SkipUnlessOurs();
        TestContainer container = Container().Script("exec sleep 1000");
        container.Runtime("checkpoint", container.Id).Refused(1, "container does not exist");
        container.Create().Good();
        container.Runtime("checkpoint", "--image-path", Images, container.Id).Refused(1, "cannot be checkpointed in state created");
        Assert.False(Directory.Exists(Images));
    }

    [Theory]
    [InlineData("checkpoint", "--lazy-pages")]
    [InlineData("checkpoint", "--page-server=127.0.0.1:1")]
    [InlineData("checkpoint", "--status-fd=3")]
    [InlineData("checkpoint", "--empty-ns=pid")]
    [InlineData("checkpoint", "--manage-cgroups-mode=some")]
    [InlineData("restore", "--lazy-pages")]
    [InlineData("restore", "--no-pivot")]
    [InlineData("restore", "--console-socket=/none")]
    [InlineData("restore", "--manage-cgroups-mode=ignore")]
    public void What_is_not_supported_is_refused_by_name(string command, string flag)
    {
        RuntimeProgram.SkipUnlessOurs();
        Container().Runtime(command, flag, "x").Refused(1, flag.Split('=')[0]);
    }

    [Theory]
    [InlineData("hooks.createRuntime", "\"hooks\":{\"createRuntime\":[{\"path\":\"/bin/true\"}]}")]
    [InlineData("a user namespace", "\"linux\":{\"namespaces\":[{\"type\":\"mount\"},{\"type\":\"pid\"},{\"type\":\"user\"}],\"uidMappings\":[{\"containerID\":0,\"hostID\":0,\"size\":65536}],\"gidMappings\":[{\"containerID\":0,\"hostID\":0,\"size\":65536}]}")]
    [InlineData("the namespace 'ipc' by a path", "\"linux\":{\"namespaces\":[{\"type\":\"mount\"},{\"type\":\"pid\"},{\"type\":\"ipc\",\"path\":\"/proc/self/ns/ipc\"}]}")]
    public void What_a_restore_could_not_bring_back_is_refused_before_the_dump(string name, string part)
    {
        RuntimeProgram.SkipUnlessOurs();
        TestContainer container = Container().Script("exec sleep 1000");
        foreach ((string key, JsonNode? value) in JsonNode.Parse($"{{{part}}}")!.AsObject().ToList())
        {
            if (key == "linux")
            {
                foreach ((string member, JsonNode? item) in value!.AsObject().ToList())
                    container.LinuxPart[member] = item!.DeepClone();
            }
            else
                container.Spec[key] = value!.DeepClone();
        }
        container.Up();
        container.Runtime("checkpoint", "--image-path", Images, container.Id).Refused(1, name);
        Assert.Equal("running", container.Status());
    }

    [Fact]
    public void Without_criu_the_cure_is_told_and_nothing_is_changed()
    {
        RuntimeProgram.SkipUnlessOurs();
        TestContainer container = Container().Script("exec sleep 1000").Up();
        container.Launcher = ["/usr/bin/env", $"PATH={Scratch}", RuntimeProgram.Path];
        container.Runtime("checkpoint", "--image-path", Images, container.Id).Refused(1, "install the package criu");
        Assert.Equal("running", container.Status());
        container.Runtime("restore", "-d", "--image-path", Scratch, "--bundle", container.Bundle, $"{container.Id}-2").Refused(1, "install the package criu");
        Assert.Single(container.Runtime("list", "--quiet").Good().Lines);
    }

    [Fact]
    public void A_criu_that_fails_is_told_with_its_log_and_first_error()
    {
        RuntimeProgram.SkipUnlessOurs();
        TestContainer container = Container().Script("exec sleep 1000").Up();
        File.WriteAllText($"{Scratch}/criu", """
            #!/bin/sh
            while [ $# -gt 0 ]; do
                case $1 in -W) folder=$2 ;; -o) log=$2 ;; esac
                shift
            done
            printf '(00.01) Warn  (criu/a.c:1): odd\n(00.02) Error (criu/b.c:2): it cannot be\n(00.03) Error (criu/c.c:3): later\n' >"$folder/$log"
            exit 1
            """);
        File.SetUnixFileMode($"{Scratch}/criu", UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        container.Launcher = ["/usr/bin/env", $"PATH={Scratch}", RuntimeProgram.Path];
        container.Runtime("checkpoint", "--image-path", Images, container.Id).Refused(1, $"criu dump failed with status 1, log '{Images}/dump.log': Error (criu/b.c:2): it cannot be\n");
        Assert.Equal("running", container.Status());
        container.Runtime("restore", "-d", "--image-path", Images, "--bundle", container.Bundle, container.Id).Refused(1, "already exists");
        container.Runtime("delete", "--force", container.Id).Good();
        Assert.Equal(1, container.Redirected(SameFiles(container), "restore", "-d", "--image-path", Images, "--bundle", container.Bundle, container.Id).Status);
        Assert.Contains($"criu restore failed with status 1, log '{Images}/restore.log': Error (criu/b.c:2): it cannot be\n", File.ReadAllText(container.ErrorFile), StringComparison.Ordinal);
        container.Runtime("state", container.Id).Refused(1, "does not exist");
    }

    // Images come from anywhere: what they name must not be opened and handed to the container.
    [Fact]
    public void A_file_that_hostile_images_name_is_not_opened_for_the_container()
    {
        RuntimeProgram.SkipUnlessOurs();
        TestContainer container = Container().Script("exec sleep 1000");
        Directory.CreateDirectory(Images);
        File.WriteAllText($"{Scratch}/secret", "of the host");
        File.WriteAllText($"{Scratch}/criu", $"#!/bin/sh\necho called > {Scratch}/called\nexit 1\n");
        File.SetUnixFileMode($"{Scratch}/criu", UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        container.Launcher = ["/usr/bin/env", $"PATH={Scratch}", RuntimeProgram.Path];
        container.Save();
        string[] restore = ["restore", "-d", "--image-path", Images, "--bundle", container.Bundle, container.Id];
        File.WriteAllText($"{Images}/descriptors.json", $"[\"\",\"file[1:2]:{Scratch}/secret\",\"\"]");
        container.Runtime(restore).Refused(1, "secret");
        Assert.False(File.Exists($"{Scratch}/called"));
        container.Redirected($">>{Scratch}/secret", restore).Refused(1, "criu restore failed"); // the caller's own: criu is asked
        Assert.True(File.Exists($"{Scratch}/called"));
        File.Delete($"{Images}/descriptors.json");
        LinuxException.ThrowIfError(Sys.mknodat(Sys.AT_FDCWD, $"{Images}/descriptors.json", S.IFIFO | 0x1B6, 0), "mkfifo");
        container.Runtime(restore).Refused(1, "descriptors.json"); // and did not wait for somebody at the other end
    }

    /// <summary>Output and errors of the container: regular files have to be the same again.</summary>
    private static string SameFiles(TestContainer container) => $">>{container.OutputFile} 2>>{container.ErrorFile}";

    private string Numbers => $"{Scratch}/data/numbers";

    private TestContainer Counting()
    {
        TestContainer container = Container().Script(Counter);
        Directory.CreateDirectory($"{Scratch}/data");
        File.WriteAllText(Numbers, "");
        container.Process["noNewPrivileges"] = true;
        container.LinuxPart["maskedPaths"] = TestContainer.Texts("/proc/timer_list", "/proc/acpi");
        container.LinuxPart["readonlyPaths"] = TestContainer.Texts("/proc/sys");
        container.LinuxPart["seccomp"] = JsonNode.Parse("""{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["acct"],"action":"SCMP_ACT_ERRNO"}]}""");
        container.Spec["root"]!["readonly"] = true;
        container.Capabilities("CAP_CHOWN", "CAP_KILL");
        Directory.CreateDirectory($"{Scratch}/fixed");
        container.Mount("/fixed", "bind", $"{Scratch}/fixed", "bind", "ro", "nosuid", "nodev", "noexec");
        container.Mount("/data", "bind", $"{Scratch}/data", "rbind", "rw").Up();
        container.AwaitText(Numbers, "\n5\n");
        return container;
    }

    /// <summary>Where its mounts are, of which type, and what they allow.</summary>
    private static string[] MountsOf(int pid) => [.. MountInfo.Read(pid).Select(mount => $"{mount.Point} {mount.Type} {mount.Root} {mount.Options}").Order(StringComparer.Ordinal)];

    /// <summary>Its ids, capabilities, and what it may never get back.</summary>
    private static string[] RightsOf(int pid) =>
        [.. File.ReadLines($"/proc/{pid}/status").Where(line => line.Split(':')[0] is "Uid" or "Gid" or "Groups" or "CapInh" or "CapPrm" or "CapEff" or "CapBnd" or "CapAmb" or "NoNewPrivs" or "Seccomp" or "Seccomp_filters")];

    private static void SkipUnlessCriuWorks()
    {
        try
        {
            using Process check = Process.Start(new ProcessStartInfo("criu", "check") { RedirectStandardError = true, RedirectStandardOutput = true })!;
            check.WaitForExit();
            if (check.ExitCode != 0)
                Assert.Skip("criu does not work on this kernel");
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Skip("needs the Debian package criu");
        }
    }
}
