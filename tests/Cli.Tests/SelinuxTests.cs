using System.Diagnostics;
using System.Text;
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
