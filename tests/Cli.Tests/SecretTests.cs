namespace Rundlet.Cli.Tests;

public sealed class SecretTests
{
    private const string Canary = "canary-7Gq2";

    [Fact]
    public void A_secret_is_a_file_in_the_container_and_nowhere_else()
    {
        using Machine machine = new();
        Assert.Equal("password\n", machine.RunWithInput(Canary, "secret", "create", "password", "-").Output);
        File.WriteAllText($"{machine.Folder}/key.pem", Canary + "-of-a-file");
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode($"{machine.Folder}/lib/secrets/password"));
        Result result = machine.Run(
            "run", "--name", "box", "--network", "none", "-u", "ann", "--secret", "password", "--secret", $"{machine.Folder}/key.pem,target=/etc/key,uid=1000,mode=0400", "shell", "/bin/sh", "-c",
            "cat /run/secrets/password; echo; cat /etc/key; echo; ls -ln /etc/key; (: >/run/secrets/password) 2>/dev/null || echo read-only");
        Assert.Equal("", result.Error);
        string[] lines = result.Output.Split('\n');
        Assert.Equal([Canary, Canary + "-of-a-file", "read-only"], [lines[0], lines[1], lines[3]]);
        Assert.StartsWith("-r-------- 1 1000 0 ", lines[2]);
        Assert.DoesNotContain(Canary, machine.Run("inspect", "box").Output);
        Assert.DoesNotContain(Canary, machine.Run("secret", "inspect", "password").Output);
        Assert.Equal(0, machine.Run("commit", "box", "committed").Code);
        Assert.DoesNotContain("secrets", machine.Run("diff", "box").Output);
        // the container has ended: of all that was written, only the store holds it
        IEnumerable<string> files = Directory.EnumerateFiles($"{machine.Folder}/run", "*", SearchOption.AllDirectories)
            .Concat(Directory.EnumerateFiles($"{machine.Folder}/lib/containers", "*", SearchOption.AllDirectories)).Concat(Directory.EnumerateFiles($"{machine.Folder}/lib", "state.db*"));
        Assert.All(files.Where(file => Path.GetFileName(file) != "container.log"), file => Assert.DoesNotContain(Canary, File.ReadAllText(file)));
    }

    [Fact]
    public void Secrets_are_made_once_listed_replaced_and_removed()
    {
        using Machine machine = new();
        machine.RunWithInput("one", "secret", "create", "a", "-");
        Result again = machine.RunWithInput("two", "secret", "create", "a", "-");
        Assert.Equal(1, again.Code);
        Assert.Contains("--replace", again.Error);
        Assert.Equal(0, machine.RunWithInput("two", "secret", "create", "--replace", "a", "-").Code);
        machine.Variables["MINE"] = "three";
        Assert.Equal("b\n", machine.Run("secret", "create", "--env", "b", "MINE").Output);
        Assert.Equal("a\nb\n", machine.Run("secret", "ls", "-q").Output);
        Assert.Equal("two", machine.Run("run", "--rm", "--network", "none", "--secret", "a", "shell", "/bin/cat", "/run/secrets/a").Output);
        Assert.Contains("1 to 512000 bytes", machine.RunWithInput(new string('x', 512_001), "secret", "create", "c", "-").Error);
        Assert.Contains("invalid secret name", machine.RunWithInput("x", "secret", "create", "../c", "-").Error);
        Result missing = machine.Run("run", "--rm", "--network", "none", "--secret", "aa", "shell", "/bin/true");
        Assert.Equal(125, missing.Code);
        Assert.Contains("no such secret 'aa'", missing.Error);
        Assert.Equal("a\nb\n", machine.Run("secret", "rm", "a", "b").Output);
        Assert.Equal("", machine.Run("secret", "ls", "-q").Output);
        Assert.Equal(1, machine.Run("secret", "rm", "a").Code);
    }

    [Fact]
    public void A_device_of_a_specification_file_is_there_with_all_that_it_brings()
    {
        using Machine machine = new();
        string folder = Directory.CreateDirectory($"{machine.Folder}/cdi").FullName;
        machine.Variables["RUNDLET_CDI_DIRS"] = folder;
        File.WriteAllText($"{folder}/thing.yaml", $"""
            cdiVersion: 0.8.0
            kind: vendor.com/thing
            containerEdits:
              env: [THING=yes]
            devices:
              - name: one
                containerEdits:
                  deviceNodes: [{"{"}path: /dev/thing, hostPath: /dev/null{"}"}]
                  mounts: [{"{"}hostPath: {folder}, containerPath: /vendor, options: [ro]{"}"}]
                  additionalGids: [4321]
            """);
        Result result = machine.Run("run", "--rm", "--network", "none", "--device", "vendor.com/thing=one", "shell", "/bin/sh", "-c", "echo $THING; echo x >/dev/thing && echo written; ls /vendor; id -G");
        Assert.Equal(new Result(0, "yes\nwritten\nthing.yaml\n0 4321\n", ""), result);
        Result missing = machine.Run("run", "--rm", "--network", "none", "--device", "vendor.com/thing=two", "shell", "/bin/true");
        Assert.Equal((125, true), (missing.Code, missing.Error.Contains("did you mean 'vendor.com/thing=one'?")));
        Assert.Contains("nvidia.com/gpu=all", machine.Run("run", "--rm", "--network", "none", "--gpus", "all", "shell", "/bin/true").Error);
    }
}
