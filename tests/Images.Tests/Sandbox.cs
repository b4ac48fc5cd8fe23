using System.Diagnostics;
using System.Text;
using Rundlet.Images.Files;
using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Images.Tests;

/// <summary>A folder to unpack into, beside files that nobody may touch.</summary>
internal sealed class Sandbox : IDisposable
{
    private const string CanaryText = "untouched\n";

    /// <summary>Makes it.</summary>
    /// <param name="parent">Where; null for the folder of temporary files, whose file system must have attributes and device nodes.</param>
    public Sandbox(string? parent = null)
    {
        Path = $"{parent ?? System.IO.Path.GetTempPath().TrimEnd('/')}/rundlet-images-{Guid.NewGuid():n}";
        Directory.CreateDirectory(Path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        Directory.CreateDirectory(Root);
        File.WriteAllText(Canary, CanaryText);
        File.SetUnixFileMode(Canary, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        File.SetLastWriteTimeUtc(Canary, DateTime.UnixEpoch);
        RootFd = FileIo.Open(Sys.AT_FDCWD, Root, O.RDONLY | O.DIRECTORY);
    }

    public string Path { get; }

    public string Root => $"{Path}/root";

    public string Canary => $"{Path}/canary";

    public OwnedFd RootFd { get; }

    public static void SkipUnlessRoot()
    {
        if (Sys.geteuid() != 0)
            Assert.Skip("needs root: owners, device nodes and trusted attributes");
    }

    public static string Run(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{program}: {error.Result}");
        return output;
    }

    /// <summary>Nothing appeared beside the root, and the canary is as it was: content, mode, time, number of names.</summary>
    public void AssertUntouched()
    {
        Assert.Equal([Canary, Root], Directory.GetFileSystemEntries(Path).Order(StringComparer.Ordinal));
        Assert.Equal(CanaryText, File.ReadAllText(Canary));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Canary));
        Assert.Equal(DateTime.UnixEpoch, File.GetLastWriteTimeUtc(Canary));
        Assert.Equal(1u, Stat(Canary).stx_nlink);
    }

    /// <summary>What is known of everything outside of the root, to the time of the last change of each inode.</summary>
    public string Outside()
    {
        var known = new StringBuilder();
        foreach (string path in new[] { Path, Canary })
        {
            statx_t stat = Stat(path);
            known.Append($"{path} {stat.stx_mode} {stat.stx_uid}:{stat.stx_gid} {stat.stx_nlink} {stat.stx_size} {stat.stx_ctime.tv_sec}.{stat.stx_ctime.tv_nsec:d9}\n");
        }
        return known.ToString();
    }

    public static statx_t Stat(string path)
    {
        LinuxException.ThrowIfError(Sys.statx(Sys.AT_FDCWD, path, AT.SYMLINK_NOFOLLOW, STATX.BASIC_STATS, out statx_t stat), "stat", path);
        return stat;
    }

    public statx_t StatIn(string name) => Stat($"{Root}/{name}");

    public static string? Xattr(string path, string name)
    {
        byte[] value = new byte[4096];
        nint length = Sys.lgetxattr(path, name, value);
        return length < 0 ? null : Encoding.Latin1.GetString(value, 0, (int)length);
    }

    public static bool IsWhiteout(statx_t stat) => (stat.stx_mode & S.IFMT) == S.IFCHR && stat is { stx_rdev_major: 0, stx_rdev_minor: 0 };

    public void Dispose()
    {
        RootFd.Dispose();
        using OwnedFd parent = FileIo.Open(Sys.AT_FDCWD, System.IO.Path.GetDirectoryName(Path)!, O.RDONLY | O.DIRECTORY);
        TreeRemover.Remove(parent.Value, System.IO.Path.GetFileName(Path));
    }
}
