using System.Diagnostics;

namespace Rundlet.Cli.Tests;

/// <summary>Commands about volumes that are killed, or find the disk full: the next command finds all or nothing.</summary>
public sealed class VolumeCrashTests
{
    private const int Files = 300, Rounds = 12;

    [Fact]
    public void A_volume_that_is_killed_while_it_is_made_filled_or_removed_is_whole_or_not_there()
    {
        using Machine machine = new();
        MakeImage(machine, $"i=0; while [ $i -lt {Files} ]; do echo $i > /data/$i; i=$((i+1)); done");
        Random random = new(7);
        for (int round = 0; round < Rounds; round++)
        {
            KillAfter(machine, random.Next(60), "run", "--rm", "--network", "none", "-v", "data:/data", "image", "/bin/true");
            Result listed = machine.Run("run", "--rm", "--network", "none", "-v", "data:/data", "image", "/bin/ls", "/data");
            Assert.True((listed.Code, listed.Output.Split('\n').Length - 1) == (0, Files), $"round {round}: {listed}");
            Assert.Equal(["_data"], Directory.EnumerateFileSystemEntries($"{machine.Folder}/lib/volumes/data").Select(Path.GetFileName));
            KillAfter(machine, random.Next(15), "volume", "rm", "data");
            // What is left of it is all of it, or is gone with the next command.
            string left = machine.Run("volume", "ls", "-q").Output;
            if (left.Length > 0)
                Assert.Equal(Files, Directory.EnumerateFiles($"{machine.Folder}/lib/volumes/data/_data").Count());
            Assert.Equal(0, machine.Run("volume", "rm", "-f", "data").Code);
            Assert.Empty(Directory.EnumerateFileSystemEntries($"{machine.Folder}/lib/volumes"));
        }
        Assert.Equal("", machine.Run("ps", "-aq").Output);
    }

    [Fact]
    public void A_volume_that_is_killed_while_it_is_renamed_has_one_of_its_names()
    {
        using Machine machine = new();
        machine.Run("volume", "create", "one");
        File.WriteAllText($"{machine.Folder}/lib/volumes/one/_data/file", "x");
        Random random = new(7);
        string name = "one", other = "two";
        for (int round = 0; round < Rounds; round++)
        {
            KillAfter(machine, random.Next(8), "volume", "rename", name, other);
            string now = machine.Run("volume", "ls", "-q").Output.Trim();
            Assert.Contains(now, (string[])[name, other]);
            Assert.Equal([now], Directory.EnumerateFileSystemEntries($"{machine.Folder}/lib/volumes").Select(Path.GetFileName));
            Assert.Equal("x", File.ReadAllText($"{machine.Folder}/lib/volumes/{now}/_data/file"));
            if (now == other)
                (name, other) = (other, name);
        }
    }

    [Fact]
    public void A_disk_that_is_full_while_files_are_copied_leaves_nothing_half_made()
    {
        using Machine machine = new();
        MakeImage(machine, "i=0; while [ $i -lt 12 ]; do cat /bin/sh > /data/$i; i=$((i+1)); done");
        string small = $"{machine.Folder}/small";
        Directory.CreateDirectory(small);
        Assert.Equal(0, VolumeDisk.Tool("mount", ["-t", "tmpfs", "-o", "size=512k", "tmpfs", small]).Code);
        try
        {
            Assert.Equal(0, machine.Run("volume", "create", "-o", "type=none", "-o", "o=bind", "-o", $"device={small}", "data").Code);
            Result full = machine.Run("run", "--rm", "--network", "none", "-v", "data:/data", "image", "/bin/true");
            Assert.Equal(125, full.Code);
            Assert.Matches("^rundlet: copy the image's '/data' to volume 'data': copy layer: [^\n]*ENOSPC[^\n]*\nhint: free some space[^\n]*\n$", full.Error);
            Assert.Empty(Directory.EnumerateFileSystemEntries(small));
            Assert.Equal(("", "data\n"), (machine.Run("ps", "-aq").Output, machine.Run("volume", "ls", "-q").Output));
            Assert.Equal(0, machine.Run("run", "--rm", "--network", "none", "-v", "data:/data:nocopy", "image", "/bin/true").Code);
        }
        finally
        {
            Assert.Equal(0, VolumeDisk.Tool("umount", [small]).Code);
        }
    }

    private static void KillAfter(Machine machine, int milliseconds, params string[] command)
    {
        using Process process = machine.Start(command);
        _ = process.WaitForExit(milliseconds); // ignored: one that was faster could not be killed
        process.Kill();
        process.WaitForExit();
    }

    private static void MakeImage(Machine machine, string script)
    {
        Result made = machine.Run("run", "--name", "maker", "--network", "none", "shell", "/bin/sh", "-c", "mkdir /data; " + script);
        Assert.True(made.Code == 0, made.Error);
        Assert.Equal(0, machine.Run("commit", "maker", "image").Code);
        machine.Run("rm", "maker");
    }
}
