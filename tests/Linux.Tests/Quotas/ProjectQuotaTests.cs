using System.Diagnostics;
using Rundlet.Linux.Quotas;
using Rundlet.Syscalls;

namespace Rundlet.Linux.Tests.Quotas;

/// <summary>Limits on a file system of a test's own, in a file.</summary>
public sealed class ProjectQuotaTests
{
    private const uint Project = 1_234_567;

    [Theory]
    [InlineData("ext4", "-q", "-F", "-O", "quota,project")]
    [InlineData("xfs", "-q")]
    public void A_folder_holds_no_more_than_its_project_may(string kind, params string[] options)
    {
        string folder = Directory.CreateTempSubdirectory("rundlet-quota-").FullName, disk = $"{folder}/disk", mount = $"{folder}/mount";
        Directory.CreateDirectory(mount);
        try
        {
            MountOrSkip(kind, options, disk, mount);
            try
            {
                Check($"{mount}/limited", mount);
            }
            finally
            {
                Assert.Equal("", Run("umount", mount));
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void A_file_system_without_quotas_is_told_with_the_cure()
    {
        // Of all file systems only these two count projects, and /proc is neither.
        using OwnedFd folder = FileIo.Open(Sys.AT_FDCWD, "/proc/self", O.RDONLY | O.DIRECTORY);
        var error = Assert.Throws<ContainerException>(() => ProjectQuota.Limit(folder.Value, "/proc/self", Project, 1 << 20));
        Assert.Equal((ContainerErrorKind.Unsupported, true), (error.Kind, error.Hint!.Contains("prjquota", StringComparison.Ordinal)));
        Assert.Equal(0u, ProjectQuota.Of(folder.Value, "/proc/self"));
    }

    private static void Check(string limited, string mount)
    {
        Directory.CreateDirectory(limited);
        using OwnedFd folder = FileIo.Open(Sys.AT_FDCWD, limited, O.RDONLY | O.DIRECTORY);
        Assert.True(ProjectQuota.IsFree(folder.Value, limited, Project));
        ProjectQuota.Limit(folder.Value, limited, Project, 1 << 20);
        ProjectQuota.Assign(folder.Value, limited, Project);
        Assert.Equal(Project, ProjectQuota.Of(folder.Value, limited));
        Assert.False(ProjectQuota.IsFree(folder.Value, limited, Project));
        Directory.CreateDirectory($"{limited}/below");
        File.WriteAllBytes($"{limited}/below/small", new byte[512 << 10]);
        // Who has CAP_SYS_RESOURCE, which no container has that is not privileged, is above the limits of ext4.
        Assert.NotEqual("", Run("setpriv", "--bounding-set", "-sys_resource", "dd", "if=/dev/zero", $"of={limited}/below/large", "bs=1M", "count=2"));
        File.WriteAllBytes($"{mount}/beside", new byte[2 << 20]);
        ProjectQuota.Limit(folder.Value, limited, Project, 0);
        File.WriteAllBytes($"{limited}/below/large", new byte[2 << 20]);
    }

    private static void MountOrSkip(string kind, string[] options, string disk, string mount)
    {
        if (Environment.UserName != "root")
            Assert.Skip("needs root");
        using (FileStream file = File.Create(disk))
            file.SetLength(320L << 20);
        Assert.Equal("", Run($"mkfs.{kind}", [.. options, disk]));
        _ = Run("modprobe", "-q", "-a", "loop", "quota_v2"); // ignored: what is built in is no module
        if (Run("mount", "-t", kind, "-o", "loop,prjquota", disk, mount) is { Length: > 0 } refused)
            Assert.Skip($"the kernel has no project quotas of {kind}: {refused.Trim()}");
        if (!File.ReadLines("/proc/self/mountinfo").Any(line => line.Contains(mount, StringComparison.Ordinal) && line.Contains("prjquota", StringComparison.Ordinal)))
        {
            Run("umount", mount);
            Assert.Skip($"the kernel has no project quotas of {kind}");
        }
    }

    private static string Run(string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        string error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? "" : error;
    }
}
