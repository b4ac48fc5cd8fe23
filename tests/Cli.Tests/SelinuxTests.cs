using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;
using Rundlet.Linux.Labels;

namespace Rundlet.Cli.Tests;

/// <summary>
/// Labels of <c>--security-opt label=…</c> where SELinux enforces a policy that knows the types of <c>eng/vm-selinux.cil</c>, as in
/// <c>./dev vm itest selinux</c>.
/// </summary>
public sealed class SelinuxTests
{
    private const string Confined = "system_u:system_r:rundlet_test_t:s0:c1,c2";
    private const string OwnFile = "system_u:object_r:rundlet_test_file_t:s0:c1,c2", OthersFile = "system_u:object_r:rundlet_test_file_t:s0:c3,c4", SecretFile = "system_u:object_r:rundlet_secret_file_t:s0";
    private const string Try = "cat /bound/open; cat /bound/secret || echo denied; cat /bound/others || echo denied; echo made >/made && cat /made; cat /proc/self/attr/current; echo";

    private static readonly string[] s_label = ["--security-opt", "label=type:rundlet_test_t", "--security-opt", "label=level:s0:c1,c2", "--security-opt", "label=filetype:rundlet_test_file_t"];

    [Fact]
    public void The_policy_denies_the_container_and_exec_what_their_label_may_not_do()
    {
        RequireEnforcement();
        using Machine machine = new();
        string bound = Bound(machine);
        Result run = machine.Run(["run", "-d", "--name", "box", "--network", "none", "-v", $"{bound}:/bound", .. s_label, "shell", "/bin/sh", "-c", $"{{ {Try}; echo up; exec sleep 600; }} 2>/dev/null"]);
        Assert.Equal((0, ""), (run.Code, run.Error));
        LifeTests.Until(() => machine.Run("logs", "box").Output.EndsWith("up\n", StringComparison.Ordinal), $"{machine.Folder}/run/containers/{run.Output.Trim()}");
        string expected = $"visible\ndenied\ndenied\nmade\n{Confined}\0\n";
        Assert.Equal(expected + "up\n", machine.Run("logs", "box").Output);
        Assert.Equal(expected, machine.Run("exec", "box", "/bin/sh", "-c", $"{{ {Try}; }} 2>/dev/null").Output);
        Assert.Equal($"{Confined} {OwnFile}\n", machine.Run("inspect", "-f", "{{.ProcessLabel}} {{.MountLabel}}", "box").Output);
    }

    [Fact]
    public void Without_a_label_the_same_container_is_denied_nothing()
    {
        RequireEnforcement();
        using Machine machine = new();
        string bound = Bound(machine);
        Result run = machine.Run("run", "--rm", "--network", "none", "--security-opt", "label=disable", "-v", $"{bound}:/bound", "shell", "/bin/sh", "-c", Try);
        Assert.StartsWith("visible\nhidden\ntheirs\nmade\n", run.Output);
        Assert.DoesNotContain("rundlet_test_t", run.Output);
    }

    [Fact]
    public void Without_a_word_each_container_has_the_policys_label_and_categories_of_its_own()
    {
        RequireEnforcement();
        using Machine machine = new();
        string[] levels = [.. ((string[])["one", "two"]).Select(name => LevelOf(machine, name))];
        Assert.NotEqual(levels[0], levels[1]);
        Assert.Equal($"system_u:system_r:container_t:{levels[0]}\0", machine.Run("exec", "one", "/bin/cat", "/proc/self/attr/current").Output);
        Result files = machine.Run("exec", "one", "/bin/sh", "-c", "cat /etc/hosts /etc/hostname /etc/resolv.conf >/tmp/all && echo made >/made && cat /made && echo more >/dev/shm/file && cat /dev/shm/file");
        Assert.Equal((0, "made\nmore\n", ""), (files.Code, files.Output, files.Error));
        Assert.Equal(0, machine.Run("restart", "-t", "0", "one").Code);
        Assert.Equal(levels[0], machine.Run("inspect", "-f", "{{.ProcessLabel}}", "one").Output.Trim()["system_u:system_r:container_t:".Length..]);
    }

    [Fact]
    public void What_is_mounted_is_shared_or_ones_own_as_it_was_relabelled()
    {
        RequireEnforcement();
        using Machine machine = new();
        string bound = Directory.CreateDirectory($"{machine.Folder}/bound/inner").Parent!.FullName;
        File.WriteAllText($"{bound}/inner/file", "read\n");
        string Read(string suffix) => Once(machine, ["-v", $"{bound}:/bound{suffix}"], "cat /bound/inner/file || echo denied").Output;
        Assert.Equal("denied\n", Read(""));
        Assert.Equal("read\n", Read(":z"));
        Assert.Equal("read\n", Read(":ro"));
        Assert.Equal(0, machine.Run("run", "-d", "--name", "owner", "--network", "none", "-v", $"{bound}:/bound:Z", "shell", "/bin/sleep", "600").Code);
        Assert.Equal("read\n", machine.Run("exec", "owner", "/bin/cat", "/bound/inner/file").Output);
        Assert.Equal("denied\n", Read(""));
        Assert.Equal("denied\n", Once(machine, ["--volumes-from", "owner"], "cat /bound/inner/file || echo denied").Output);
        Result refused = machine.Run("run", "--rm", "--network", "none", "-v", "/usr:/x:z", "shell", "/bin/true");
        Assert.Equal((125, true), (refused.Code, refused.Error.StartsWith("rundlet: '/usr' must not be relabelled", StringComparison.Ordinal)));
    }

    [Fact]
    public void Volumes_and_secrets_can_be_used_without_a_word_about_labels()
    {
        RequireEnforcement();
        using Machine machine = new();
        File.WriteAllText($"{machine.Folder}/secret", "hidden\n");
        Assert.Equal("1\n", Once(machine, ["-v", "data:/data"], "echo 1 >/data/file && cat /data/file").Output);
        Assert.Equal("1\n", Once(machine, ["-v", "data:/data"], "cat /data/file").Output);
        Assert.Equal("root:x:0\n", Once(machine, ["-v", "filled:/etc"], "IFS=: read a b c d </etc/group && echo $a:$b:$c").Output); // copied from the image
        Assert.Equal("hidden\n", Once(machine, ["--secret", $"{machine.Folder}/secret,target=/secret"], "cat /secret").Output);
        machine.Variables["RUNDLET_STORAGE_DRIVER"] = "copy";
        Assert.Equal("copied\n", Once(machine, [], "echo copied >/file && cat /file").Output);
    }

    [Fact]
    public void Who_is_privileged_has_no_label_and_who_shares_processes_has_the_same()
    {
        RequireEnforcement();
        using Machine machine = new();
        Assert.Equal(0, machine.Run("run", "-d", "--name", "big", "--privileged", "--network", "none", "shell", "/bin/sleep", "600").Code);
        Assert.DoesNotContain("container_t", machine.Run("exec", "big", "/bin/cat", "/proc/self/attr/current").Output);
        Assert.Equal(" system_u:object_r:container_file_t:s0:c1022,c1023\n", machine.Run("inspect", "-f", "{{.ProcessLabel}} {{.MountLabel}}", "big").Output);
        string level = LevelOf(machine, "one");
        Assert.Equal(0, machine.Run("run", "-d", "--name", "friend", "--pid", "container:one", "--network", "none", "shell", "/bin/sleep", "600").Code);
        Assert.Equal($"system_u:system_r:container_t:{level} system_u:object_r:container_file_t:{level}\n", machine.Run("inspect", "-f", "{{.ProcessLabel}} {{.MountLabel}}", "friend").Output);
    }

    [Fact]
    public void A_label_that_the_policy_does_not_know_is_named_and_nothing_is_left()
    {
        RequireEnforcement();
        using Machine machine = new();
        Result run = machine.Run("run", "--rm", "--network", "none", "--security-opt", "label=type:no_such_t", "--security-opt", "label=filetype:rundlet_test_file_t", "shell", "/bin/true");
        Assert.Equal((125, true), (run.Code, run.Error.Contains("no_such_t")));
        Assert.Equal("", machine.Run("ps", "-aq").Output);
    }

    [Fact]
    public void Where_the_kernel_does_not_run_it_a_label_is_refused()
    {
        if (SecurityModules.HasSelinux)
            Assert.Skip("this kernel runs SELinux");
        using Machine machine = new();
        Result run = machine.Run("run", "--rm", "--network", "none", "--security-opt", "label=type:container_t", "shell", "/bin/true");
        Assert.Equal((125, true), (run.Code, run.Error.Contains("'label=type:container_t': this machine does not run SELinux")));
        Assert.Equal(0, machine.Run("run", "--rm", "--network", "none", "--security-opt", "label=disable", "shell", "/bin/true").Code);
    }

    // Starts a container, and returns its level, which its files have too.
    private static string LevelOf(Machine machine, string name)
    {
        Result run = machine.Run("run", "-d", "--name", name, "--network", "none", "shell", "/bin/sleep", "600");
        Assert.Equal((0, ""), (run.Code, run.Error));
        Match labels = Regex.Match(machine.Run("inspect", "-f", "{{.ProcessLabel}} {{.MountLabel}}", name).Output, @"^system_u:system_r:container_t:(s0:c\d+,c\d+) system_u:object_r:container_file_t:\1\n$");
        Assert.True(labels.Success, labels.Value);
        return labels.Groups[1].Value;
    }

    private static Result Once(Machine machine, string[] flags, string script) =>
        machine.Run(["run", "--rm", "--network", "none", .. flags, "shell", "/bin/sh", "-c", script]);

    // A folder to bind, with a file that is the container's, one that nobody may read, and one of other categories.
    private static string Bound(Machine machine)
    {
        string folder = Directory.CreateDirectory($"{machine.Folder}/bound").FullName;
        foreach ((string name, string text, string label) in ((string, string, string)[])[("open", "visible\n", OwnFile), ("secret", "hidden\n", SecretFile), ("others", "theirs\n", OthersFile)])
        {
            File.WriteAllText($"{folder}/{name}", text);
            Chcon(label, $"{folder}/{name}");
        }
        Chcon(OwnFile, folder);
        return folder;
    }

    private static void Chcon(string label, string path)
    {
        using Process chcon = Process.Start(new ProcessStartInfo("chcon", [label, path]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        Result result = Machine.Finish(chcon);
        Assert.True(result.Code == 0, result.Error);
    }

    private static void RequireEnforcement()
    {
        if (!SecurityModules.HasSelinux)
            Assert.Skip("this kernel does not run SELinux: ./dev vm itest selinux does");
        if (!File.Exists("/sys/fs/selinux/enforce") || File.ReadAllText("/sys/fs/selinux/enforce") != "1")
            Assert.Skip("no SELinux policy is enforced: ./dev vm itest selinux does");
        try
        {
            using FileStream check = new("/sys/fs/selinux/context", FileMode.Open, FileAccess.Write, FileShare.ReadWrite, 0);
            check.Write(Encoding.ASCII.GetBytes(Confined));
        }
        catch (IOException)
        {
            Assert.Skip("the SELinux policy does not know the types of eng/vm-selinux.cil: ./dev vm itest selinux adds them");
        }
    }
}
