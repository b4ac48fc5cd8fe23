using Rundlet.Cli.Tests.Images;

namespace Rundlet.Cli.Tests;

/// <summary>On a full disk one can still look, stop and make room.</summary>
public sealed class FullDiskTests
{
    [Fact]
    public void Containers_are_listed_stopped_and_removed_on_a_full_disk_and_a_run_says_that_it_is_full()
    {
        using var disk = new LoopDisk(megabytes: 48);
        using Machine machine = new();
        string archive = $"{machine.Folder}/shell.tar";
        Must(machine, "save", "-o", archive, "shell");
        machine.Variables["RUNDLET_ROOT"] = $"{disk.Mount}/lib";
        Must(machine, "load", "-q", "-i", archive);
        foreach (string name in (string[])["stopped", "killed", "removed"])
            Must(machine, "run", "-d", "--name", name, "--network", "none", "shell", "sleep", "600");

        disk.Fill(0);
        using (FileStream rest = File.Create($"{disk.Mount}/rest"))
            Assert.Throws<IOException>(() => WriteAll(rest));
        Must(machine, "ps", "-a");
        Must(machine, "ps", "-a");
        Must(machine, "exec", "stopped", "true");
        Must(machine, "stop", "-t", "0", "stopped");
        Must(machine, "kill", "killed");
        Must(machine, "stop", "killed");
        Assert.Equal("exited 137", Must(machine, "inspect", "--format", "{{.State.Status}} {{.State.ExitCode}}", "stopped").Trim());
        Result run = machine.Run("run", "-d", "--name", "new", "--network", "none", "shell", "sleep", "600");
        Assert.Equal(125, run.Code);
        Assert.Contains("disk is full", run.Error, StringComparison.Ordinal);
        Must(machine, "rm", "-f", "removed");
        Must(machine, "rm", "killed");
        Assert.Equal("stopped", Must(machine, "ps", "-a", "--format", "{{.Names}}").Trim());

        disk.Empty();
        File.Delete($"{disk.Mount}/rest");
        Must(machine, "start", "stopped");
        Must(machine, "rm", "-f", "stopped");
    }

    private static string Must(Machine machine, params string[] words)
    {
        Result result = machine.Run(words);
        Assert.True(result.Code == 0, $"{string.Join(' ', words)}: {result.Code}: {result.Error}");
        return result.Output;
    }

    private static void WriteAll(FileStream file)
    {
        byte[] block = new byte[4096];
        while (true)
        {
            file.Write(block);
            file.Flush(flushToDisk: true);
        }
    }
}
