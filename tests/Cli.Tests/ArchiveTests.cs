using System.Diagnostics;
using System.Formats.Tar;
using System.Text;

namespace Rundlet.Cli.Tests;

/// <summary>commit, diff, export, import, save and load, as people use them.</summary>
public sealed class ArchiveTests
{
    private const string Moment = "1700000000";

    [Fact]
    public void A_container_becomes_an_image_and_an_archive_while_it_runs()
    {
        using Machine machine = new();
        ImportBox(machine);
        Assert.Equal(64, Ok(machine, "run", "-d", "--name", "crate", "--network", "none", "-e", "WHO=me", "-v", "/tmp:/mnt/here", "box", "/bin/sh", "-c",
            "mkdir /new; echo hi > /new/file; ln /new/file /new/twin; rm /etc/motd; echo more >> /etc/conf; rm -r /opt; echo ready; exec sleep 600").Trim().Length);
        Assert.Equal("ready\n", WaitForLog(machine, "crate", "ready"));
        Assert.Equal("C /etc\nC /etc/conf\nD /etc/motd\nA /new\nA /new/file\nA /new/twin\nD /opt\n", Ok(machine, "diff", "crate"));

        string id = Ok(machine, "commit", "-m", "a note", "-a", "ann", "-c", """CMD ["/bin/cat", "/new/twin"]""", "-c", "LABEL a=b", "--timestamp", Moment, "crate", "web:1").Trim();
        Assert.StartsWith("sha256:", id);
        Assert.Equal("hi\n", Ok(machine, "run", "--rm", "--network", "none", "web:1"));
        Assert.Equal("me\nconf\nmore\nbin\ndev\netc\nnew\nproc\nsys\n", Ok(machine, "run", "--rm", "--network", "none", "web:1", "/bin/sh", "-c", "echo $WHO; cat /etc/conf; ls / | grep -v tmp"));
        Assert.Equal("still running\n", Ok(machine, "exec", "crate", "/bin/echo", "still running"));
        Assert.Equal(id, Ok(machine, "commit", "-m", "a note", "-a", "ann", "-c", """CMD ["/bin/cat", "/new/twin"]""", "-c", "LABEL a=b", "--timestamp", Moment, "crate").Trim());

        Ok(machine, "export", "-o", $"{machine.Folder}/one.tar", "--timestamp", Moment, "crate");
        Ok(machine, "export", "-o", $"{machine.Folder}/two.tar", "--timestamp", Moment, "crate");
        Assert.Equal(File.ReadAllBytes($"{machine.Folder}/one.tar"), File.ReadAllBytes($"{machine.Folder}/two.tar"));
        string[] names = Names($"{machine.Folder}/one.tar");
        Assert.Equal(names.Order(StringComparer.Ordinal), names.Order(StringComparer.Ordinal).Distinct());
        Assert.Contains("new/twin", names);
        Assert.DoesNotContain(names, name => name.StartsWith("proc/self", StringComparison.Ordinal) || name.StartsWith("opt", StringComparison.Ordinal));
        Assert.StartsWith("sha256:", Ok(machine, "import", "-c", "ENV A=1", "-m", "flat", $"{machine.Folder}/one.tar", "flat"));
        Assert.Equal("1 hi\n", Ok(machine, "run", "--rm", "--network", "none", "flat", "/bin/sh", "-c", "echo $A $(cat /new/file)"));
        Ok(machine, "rm", "-f", "crate");
        Assert.Equal("", machine.Leaks());
    }

    [Theory]
    [InlineData("docker-archive")]
    [InlineData("oci-archive")]
    public void Saved_images_are_loaded_on_another_machine(string format)
    {
        using Machine here = new(), there = new();
        string id = ImportBox(here);
        string archive = $"{here.Folder}/images.tar";
        Ok(here, "save", "--format", format, "-o", archive, "box", "shell");
        Ok(here, "save", "--format", format, "-o", $"{archive}.2", "shell", "box", "box");
        Assert.Equal(File.ReadAllBytes(archive), File.ReadAllBytes(archive + ".2"));
        Result loaded = there.Run("load", "-q", "-i", archive);
        Assert.Equal((0, ""), (loaded.Code, loaded.Error));
        Assert.Equal(["Loaded image: box:latest", "Loaded image: shell:latest"], loaded.Output.TrimEnd('\n').Split('\n').Order(StringComparer.Ordinal));
        Assert.Contains(id, Ok(there, "images", "--no-trunc", "-q"));
        Assert.Equal("conf\n", Ok(there, "run", "--rm", "--network", "none", "box", "/bin/cat", "/etc/conf"));
        // The same from standard input, packed, by its id.
        using Process save = here.Start("save", "--format", format, id);
        save.StandardInput.Close();
        using var packed = new MemoryStream();
        using (var gzip = new System.IO.Compression.GZipStream(packed, System.IO.Compression.CompressionLevel.Fastest, leaveOpen: true))
            save.StandardOutput.BaseStream.CopyTo(gzip);
        save.WaitForExit();
        using Process load = there.Start("load", "--quiet");
        load.StandardInput.BaseStream.Write(packed.ToArray());
        load.StandardInput.Close();
        Assert.Equal(new Result(0, $"Loaded image ID: {id}\n", ""), Machine.Finish(load));
    }

    [Fact]
    public void What_fails_says_so_in_a_line_and_leaves_what_was_there()
    {
        using Machine machine = new();
        ImportBox(machine);
        Ok(machine, "run", "--name", "crate", "--network", "none", "box", "/bin/true");
        string file = $"{machine.Folder}/file";
        File.WriteAllText(file, "old");
        (int Code, string Message, string[] Words)[] cases =
        [
            (1, "no such image 'none'", ["save", "-o", file, "box", "none"]),
            (125, "unknown format 'zip'", ["save", "--format", "zip", "-o", file, "box"]),
            (1, "the disk is full", ["save", "-o", "/dev/full", "box"]),
            (1, "the disk is full", ["export", "-o", "/dev/full", "crate"]),
            (1, "there is no such folder", ["export", "-o", $"{machine.Folder}/none/file", "crate"]),
            (125, "it is a folder", ["export", "-o", machine.Folder, "crate"]),
            (1, "no such container 'dock", ["export", "-o", file, "dock"]),
            (125, "invalid timestamp 'soon'", ["export", "--timestamp", "soon", "-o", file, "crate"]),
            (125, "'RUN' cannot be changed", ["commit", "-c", "RUN ls", "crate"]),
            (125, "unknown compression 'xz'", ["commit", "--compression", "xz", "crate"]),
            (125, "its digest comes from its content", ["commit", "crate", $"x@sha256:{new string('0', 64)}"]),
            (125, "neither 'oci-layout' nor 'manifest.json'", ["load", "-i", $"{machine.Folder}/box.tar"]),
            (1, "no such file", ["load", "-i", $"{machine.Folder}/none"]),
            (125, "is a folder", ["load", "-i", machine.Folder]),
            (125, "platform 'li nux'", ["load", "--platform", "li nux", "-i", file]),
            (1, "is not fetched", ["import", "https://example.org/root.tar", "x"]),
        ];
        foreach ((int code, string message, string[] words) in cases)
        {
            Result result = machine.Run(words);
            string[] lines = result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries);
            Assert.True(lines.Length is 1 or 2 && lines[0].Contains(message), $"{string.Join(' ', words)}: {result.Error}");
            Assert.All(lines.Skip(1), line => Assert.StartsWith("hint: ", line));
            Assert.Equal((code, ""), (result.Code, result.Output));
        }
        Assert.Equal("old", File.ReadAllText(file));
        Assert.DoesNotContain(Directory.EnumerateFiles(machine.Folder), path => path.EndsWith(".tmp", StringComparison.Ordinal));
        Assert.Empty(Directory.EnumerateFiles($"{machine.Folder}/lib/blobs/ingest"));
        Assert.Equal(2, Ok(machine, "images", "-q").Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
    }

    [Fact]
    public void A_load_that_waits_for_its_input_ends_by_ctrl_c_and_leaves_nothing()
    {
        using Machine machine = new();
        string archive = $"{machine.Folder}/images.tar";
        Ok(machine, "save", "-o", archive, "shell");
        string[] before = Blobs(machine);
        Ok(machine, "import", $"{machine.Folder}/root.tar", "-c", "ENV A=1"); // an image without a name
        using Process load = machine.Start("load");
        byte[] bytes = File.ReadAllBytes(archive);
        load.StandardInput.BaseStream.Write(bytes.AsSpan(0, bytes.Length / 2)); // a pipe holds 64 KiB: it has read almost all of it
        load.StandardInput.BaseStream.Flush();
        using (Process kill = Process.Start("kill", ["-s", "INT", load.Id.ToString()]))
            kill.WaitForExit();
        Assert.Equal(new Result(130, "", "rundlet: loading was interrupted\n"), Machine.Finish(load));
        Assert.Empty(Directory.EnumerateFiles($"{machine.Folder}/lib/blobs/ingest"));
        Assert.Equal(before.Length + 2, Blobs(machine).Length); // the unnamed image's documents; its layer is shared
    }

    [Fact]
    public void A_container_that_was_held_still_by_a_killed_commit_runs_again_with_the_next_command()
    {
        using Machine machine = new();
        ImportBox(machine);
        Ok(machine, "run", "-d", "--name", "crate", "--network", "none", "box", "/bin/sh", "-c", "dd if=/dev/urandom of=/big bs=1M count=64 2>/dev/null; echo ready; exec sleep 600");
        WaitForLog(machine, "crate", "ready");
        using var ingest = new FileSystemWatcher($"{machine.Folder}/lib/blobs/ingest");
        using Process commit = machine.Start("commit", "crate", "web");
        // The blob is begun when the container stands still.
        Assert.False(ingest.WaitForChanged(WatcherChangeTypes.Created, TimeSpan.FromSeconds(30)).TimedOut);
        commit.Kill();
        commit.WaitForExit();
        Assert.Equal("again\n", Ok(machine, "exec", "crate", "/bin/echo", "again"));
        Assert.StartsWith("sha256:", Ok(machine, "commit", "crate", "web"));
        Ok(machine, "rm", "-f", "crate");
        Assert.Equal("", machine.Leaks());
    }

    /// <summary>An image of a static shell with a few files.</summary>
    private static string ImportBox(Machine machine)
    {
        if (!File.Exists("/bin/busybox"))
            Assert.Skip("busybox-static is not installed");
        string archive = $"{machine.Folder}/box.tar";
        using (TarWriter tar = new(File.Create(archive)))
        {
            using FileStream busybox = File.OpenRead("/bin/busybox");
            tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, "bin/busybox") { DataStream = busybox, Mode = (UnixFileMode)0x1ED });
            foreach (string applet in (string[])["sh", "cat", "cp", "dd", "echo", "grep", "ln", "ls", "mkdir", "rm", "sleep", "true"])
                tar.WriteEntry(new PaxTarEntry(TarEntryType.SymbolicLink, $"bin/{applet}") { LinkName = "busybox" });
            foreach ((string name, string text) in (ReadOnlySpan<(string, string)>)[("etc/conf", "conf\n"), ("etc/motd", "goes\n"), ("opt/a/b", "goes too\n")])
                tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(Encoding.UTF8.GetBytes(text)), Mode = (UnixFileMode)0x1A4 });
        }
        return Ok(machine, "import", "--timestamp", Moment, archive, "box").Trim();
    }

    private static string Ok(Machine machine, params string[] words)
    {
        Result result = machine.Run(words);
        Assert.True(result.Code == 0, $"{string.Join(' ', words)}: {result.Error}");
        return result.Output;
    }

    private static string WaitForLog(Machine machine, string container, string line)
    {
        using Process logs = machine.Start("logs", "-f", container);
        var text = new StringBuilder();
        while (logs.StandardOutput.ReadLine() is { } got)
        {
            text.Append(got).Append('\n');
            if (got == line)
                break;
        }
        logs.Kill();
        logs.WaitForExit();
        return text.ToString();
    }

    private static string[] Blobs(Machine machine) => [.. Directory.EnumerateFiles($"{machine.Folder}/lib/blobs/sha256")];

    private static string[] Names(string archive)
    {
        using TarReader tar = new(File.OpenRead(archive));
        List<string> names = [];
        while (tar.GetNextEntry() is { } entry)
            names.Add(entry.Name);
        return [.. names];
    }
}
