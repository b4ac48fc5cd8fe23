using System.Diagnostics;
using System.Formats.Tar;
using System.Text;
using Rundlet.Syscalls;

namespace Rundlet.Cli.Tests;

public class CopyTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Files_volumes_and_binds_are_copied_whether_the_container_runs_or_not(bool runs)
    {
        using Machine machine = new();
        string bind = Directory.CreateDirectory($"{machine.Folder}/bind").FullName, local = Directory.CreateDirectory($"{machine.Folder}/local").FullName;
        File.WriteAllText($"{bind}/f", "of the bind");
        File.WriteAllText($"{local}/new", "new");
        Assert.Equal(0, machine.Run("run", "-d", "--name", "box", "--network", "none", "-v", $"{bind}:/bind", "-v", "vol:/vol", "shell", "sh", "-c", "echo v >/vol/v; echo r >/tmp/r; touch /tmp/ready; exec sleep 1000").Code);
        while (!machine.Run("exec", "box", "ls", "/tmp").Output.Contains("ready", StringComparison.Ordinal))
        {
        }
        if (!runs)
            Assert.Equal(0, machine.Run("stop", "-t", "0", "box").Code);
        Copy("box:/tmp/r", local);
        Copy("box:/vol/.", $"{local}/volume");
        Copy("box:/bind/f", $"{local}/renamed");
        Copy($"{local}/new", "box:/tmp/copied");
        Copy($"{local}/new", "box:/bind/");
        Copy($"{local}/new", "box:/vol");
        Assert.Equal(("r\n", "v\n", "of the bind", "new"), (File.ReadAllText($"{local}/r"), File.ReadAllText($"{local}/volume/v"), File.ReadAllText($"{local}/renamed"), File.ReadAllText($"{bind}/new")));
        if (!runs)
            Assert.Equal(0, machine.Run("start", "box").Code);
        Assert.Equal("newnew", machine.Run("exec", "box", "cat", "/tmp/copied", "/vol/new").Output);
        Assert.Contains("container copy", machine.Run("events", "--since", "1", "--until", "0s").Output);
        Assert.DoesNotContain(File.ReadLines("/proc/self/mountinfo"), line => line.Contains(machine.Folder, StringComparison.Ordinal) && !runs && line.Contains("/bind", StringComparison.Ordinal));
        Assert.Equal(0, machine.Run("rm", "-f", "box").Code);

        void Copy(string source, string target)
        {
            Result copy = machine.Run("cp", source, target);
            Assert.Equal((0, "", ""), (copy.Code, copy.Output, copy.Error));
        }
    }

    [Fact]
    public void Owners_are_roots_there_and_mine_here_unless_they_are_kept()
    {
        using Machine machine = new();
        string local = Directory.CreateDirectory($"{machine.Folder}/local").FullName, file = $"{local}/file";
        File.WriteAllText(file, "x");
        Assert.Equal(0, Sys.fchownat(Sys.AT_FDCWD, file, 7, 8, 0));
        Assert.Equal(0, machine.Run("create", "--name", "box", "--network", "none", "shell", "true").Code);
        machine.Run("cp", file, "box:/roots");
        machine.Run("cp", "-a", file, "box:/kept");
        machine.Run("cp", "box:/kept", $"{local}/mine");
        machine.Run("cp", "-a", "box:/kept", $"{local}/kept");
        Assert.Equal((0u, 7u), (OwnerOf($"{local}/mine"), OwnerOf($"{local}/kept")));
        Assert.Equal((0, 7), (Assert.Single(Pack(machine, "box:/roots")).Uid, Assert.Single(Pack(machine, "box:/kept")).Uid));
        Assert.Equal(0, machine.Run("rm", "box").Code);
    }

    [Fact]
    public void What_may_not_be_written_is_refused_in_a_line()
    {
        using Machine machine = new();
        string bind = Directory.CreateDirectory($"{machine.Folder}/bind").FullName, file = $"{machine.Folder}/file";
        File.WriteAllText(file, "x");
        Assert.Equal(0, machine.Run("create", "--name", "box", "--network", "none", "--read-only", "-v", $"{bind}:/bind:ro", "-v", "vol:/vol", "shell", "sleep", "1000").Code);
        for (int round = 0; round < 2; round++)
        {
            foreach ((string[] words, string message) in ((string[], string)[])
            [
                (["cp", file, "box:/etc/new"], "cannot write 'new': container 'box' is read-only there"),
                (["cp", file, "box:/bind"], "cannot write 'file': container 'box' is read-only there"),
                (["cp", file, "box:/nosuch/x"], "no such folder '/nosuch' in container 'box'"),
                (["cp", file, "box:/nosuch/"], "no such directory '/nosuch/' in container 'box'"),
                (["cp", "box:/nosuch", file], "could not find the file '/nosuch' in container 'box'"),
                (["cp", "box:/etc", file], $"cannot copy a directory to '{file}' in this machine, which is a file"),
                (["cp", file, "box:"], "no path behind 'box:'"),
                (["cp", "box:/etc", "box:/tmp"], "copying between containers is not supported"),
                (["cp", file, "elsewhere"], "neither of the two is in a container"),
                (["cp", file, "nosuch:/"], "no such container 'nosuch'"),
            ])
            {
                Result refused = machine.Run(words);
                Assert.Equal((message, true, ""), (refused.Error.Split('\n')[0].Replace("rundlet: ", "", StringComparison.Ordinal), refused.Code is 1 or 125, refused.Output));
            }
            Assert.Equal(0, machine.Run("cp", file, "box:/vol/f").Code); // a volume is not of the root
            Assert.Equal(0, machine.Run("start", "box").Code);
        }
        Assert.Empty(Directory.EnumerateFileSystemEntries(bind));
        Assert.Equal(0, machine.Run("rm", "-f", "box").Code);
    }

    [Fact]
    public void A_tar_goes_in_and_out()
    {
        using Machine machine = new();
        Assert.Equal(0, machine.Run("create", "--name", "box", "--network", "none", "shell", "true").Code);
        var archive = new MemoryStream();
        using (var tar = new TarWriter(archive, TarEntryFormat.Pax, leaveOpen: true))
        {
            tar.WriteEntry(new PaxTarEntry(TarEntryType.Directory, "made/") { Mode = (UnixFileMode)0x1c0, Uid = 5 });
            tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, "made/file") { Mode = (UnixFileMode)0x180, Uid = 6, DataStream = new MemoryStream("content"u8.ToArray()) });
        }
        Result into = Finish(machine, archive.ToArray(), "cp", "-", "box:/tmp");
        Assert.Equal((0, "", ""), (into.Code, into.Output, into.Error));
        List<(string Name, int Uid, string Content)> read = Pack(machine, "box:/tmp/made");
        Assert.Equal([("made/", 5, ""), ("made/file", 6, "content")], read);
        Assert.Equal(["./", "./file"], Pack(machine, "box:/tmp/made/.").Select(entry => entry.Name));
        Result notAFolder = Finish(machine, archive.ToArray(), "cp", "-", "box:/tmp/made/file");
        Assert.Contains("destination '/tmp/made/file' in container 'box' must be a directory", notAFolder.Error);
        Result damaged = Finish(machine, "no archive at all"u8.ToArray(), "cp", "-", "box:/tmp");
        Assert.Matches("^rundlet: .*tar header", damaged.Error);
        Assert.Equal(0, machine.Run("rm", "box").Code);
    }

    [Fact]
    public void A_copy_that_is_interrupted_or_killed_leaves_nothing_in_the_way()
    {
        using Machine machine = new();
        Assert.Equal(0, machine.Run("create", "--name", "box", "--network", "none", "shell", "cat", $"/tmp/whole{SIG.KILL}").Code);
        string upper = $"{machine.Folder}/lib/containers/{machine.Run("ps", "-aq", "--no-trunc").Output.Trim()}/upper";
        foreach (int signal in (int[])[SIG.INT, SIG.KILL])
        {
            using Process copy = machine.Start("cp", "-", "box:/tmp");
            var archive = new MemoryStream();
            using (var tar = new TarWriter(archive, TarEntryFormat.Ustar, leaveOpen: true))
            {
                tar.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, $"whole{signal}") { DataStream = new MemoryStream("whole"u8.ToArray()) });
                tar.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, "half") { DataStream = new MemoryStream(new byte[1 << 20]) });
            }
            copy.StandardInput.BaseStream.Write(archive.ToArray().AsSpan(0, 600_000));
            copy.StandardInput.BaseStream.Flush();
            while (!File.Exists($"{upper}/tmp/whole{signal}"))
            {
            }
            _ = Sys.kill(copy.Id, signal); // ignored: asserted below
            Result ended = Machine.Finish(copy);
            Assert.Equal(signal == SIG.INT ? 130 : 137, ended.Code);
        }
        string[] left = [.. Directory.EnumerateFiles($"{upper}/tmp").Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];
        // A file without a name goes with its process; overlayfs makes none before Linux 6.3, and one hidden file stays of the killed copy.
        bool isNameless = OperatingSystem.IsOSPlatformVersionAtLeast("Linux", 6, 3);
        Assert.InRange(left.Count(name => name.StartsWith(".rundlet-", StringComparison.Ordinal)), 0, isNameless ? 0 : 1);
        Assert.Equal([$"whole{SIG.INT}", $"whole{SIG.KILL}"], left.Where(name => !name.StartsWith(".rundlet-", StringComparison.Ordinal)));
        Assert.Equal("whole", machine.Run("start", "-a", "box").Output);
        Assert.Equal(0, machine.Run("rm", "-f", "box").Code);
    }

    private static Result Finish(Machine machine, byte[] input, params string[] words)
    {
        using Process process = machine.Start(words);
        try
        {
            process.StandardInput.BaseStream.Write(input);
        }
        catch (IOException)
        {
            // it reads no further, and says why
        }
        process.StandardInput.Close();
        return Machine.Finish(process);
    }

    private static List<(string Name, int Uid, string Content)> Pack(Machine machine, string source)
    {
        using Process process = machine.Start("cp", source, "-");
        var archive = new MemoryStream();
        process.StandardOutput.BaseStream.CopyTo(archive);
        process.WaitForExit();
        Assert.Equal((0, ""), (process.ExitCode, process.StandardError.ReadToEnd()));
        archive.Position = 0;
        using var tar = new TarReader(archive);
        List<(string, int, string)> entries = [];
        while (tar.GetNextEntry() is { } entry)
            entries.Add((entry.Name, entry.Uid, entry.DataStream is null ? "" : new StreamReader(entry.DataStream, Encoding.ASCII).ReadToEnd()));
        return entries;
    }

    private static uint OwnerOf(string path)
    {
        LinuxException.ThrowIfError(Sys.statx(Sys.AT_FDCWD, path, AT.SYMLINK_NOFOLLOW, STATX.BASIC_STATS, out statx_t stat), "stat", path);
        return stat.stx_uid;
    }
}
