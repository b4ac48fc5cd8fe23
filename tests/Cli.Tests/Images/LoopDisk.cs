using System.Diagnostics;
using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Cli.Tests.Images;

/// <summary>A small file system in a file in memory, mounted: ext4, where nothing else is said.</summary>
internal sealed class LoopDisk : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("rundlet-disk-").FullName;
    private readonly string _file;

    /// <summary>A new one.</summary>
    public LoopDisk(int megabytes)
        : this(megabytes, "loop,commit=1", "mkfs.ext4", "-q", "-F", "-E", "lazy_itable_init=0,lazy_journal_init=0,nodiscard", "-O", "^resize_inode", "-m", "0")
    {
    }

    private LoopDisk(int megabytes, string options, string program, params string[] arguments)
    {
        _file = $"/dev/shm/{Path.GetFileName(_folder)}";
        using (FileStream file = File.Create(_file))
            file.SetLength((long)megabytes << 20);
        try
        {
            Run(program, [.. arguments, _file]);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            File.Delete(_file);
            Directory.Delete(_folder);
            Assert.Skip($"needs {program}");
        }
        Attach(options);
    }

    /// <summary>A new one whose files can share content.</summary>
    /// <param name="kind"><c>xfs</c> or <c>btrfs</c>.</param>
    public static LoopDisk ThatShares(string kind)
    {
        if (!File.ReadLines("/proc/filesystems").Any(line => line.EndsWith($"\t{kind}", StringComparison.Ordinal)))
            Assert.Skip($"the kernel has no {kind}");
        return kind == "xfs"
            ? new LoopDisk(400, "loop", "mkfs.xfs", "-q", "-m", "reflink=1")
            : new LoopDisk(400, "loop", "mkfs.btrfs", "-q");
    }

    /// <summary>One that is there, as a machine finds it after a power cut: its journal is replayed.</summary>
    public LoopDisk(string file)
    {
        _file = $"/dev/shm/{Path.GetFileName(_folder)}";
        File.Copy(file, _file);
        Attach("loop,commit=1");
    }

    /// <summary>Where it is mounted.</summary>
    public string Mount => $"{_folder}/mnt";

    /// <summary>Takes all space but some.</summary>
    /// <param name="left">How many bytes stay free, about.</param>
    public void Fill(long left)
    {
        using FileStream file = File.Create($"{Mount}/filler");
        // What the file system needs for the file itself is not known before.
        for (long size = new DriveInfo(Mount).AvailableFreeSpace - left; size > 0; size -= 64 << 10)
        {
            int answer = Sys.fallocate((int)file.SafeFileHandle.DangerousGetHandle(), 0, 0, size);
            if (Sys.Is(answer, Errno.ENOSPC))
                continue;
            LinuxException.ThrowIfError(answer, "fallocate", "filler");
            return;
        }
    }

    /// <summary>How many bytes are free, once all is written.</summary>
    public long Free()
    {
        Run("sync", "-f", Mount);
        return new DriveInfo(Mount).AvailableFreeSpace;
    }

    /// <summary>Gives it back.</summary>
    public void Empty() => File.Delete($"{Mount}/filler");

    /// <summary>What the disk holds at one moment, while a process is held still.</summary>
    public void CopyWhile(Process process, string copy)
    {
        if (!process.HasExited)
            _ = Sys.kill(process.Id, SIG.STOP); // ignored: it ended since
        File.Copy(_file, copy);
        if (!process.HasExited)
            _ = Sys.kill(process.Id, SIG.CONT); // ignored: likewise
    }

    public void Dispose()
    {
        Run("umount", Mount);
        File.Delete(_file);
        Directory.Delete(_folder, recursive: true);
    }

    private void Attach(string options)
    {
        Directory.CreateDirectory(Mount);
        try
        {
            Run("mount", "-o", options, _file, Mount);
        }
        catch (InvalidOperationException error)
        {
            File.Delete(_file);
            Directory.Delete(_folder, recursive: true);
            Assert.Skip($"no loop devices here: {error.Message}");
        }
    }

    /// <summary>Runs a program that must succeed.</summary>
    public static void Run(string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        string error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        _ = output.Result; // ignored: nobody wants to read it
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{program}: {error.Trim()}");
    }
}
