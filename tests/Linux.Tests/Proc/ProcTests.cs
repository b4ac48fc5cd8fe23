using System.Text;
using Rundlet.Linux.Proc;
using Rundlet.Syscalls;

namespace Rundlet.Linux.Tests.Proc;

public class ProcTests
{
    [Theory]
    [InlineData("sh")]
    [InlineData("a b")]
    [InlineData(") S 1 2 3")]
    [InlineData("((")]
    public void A_name_of_any_letters_does_not_shift_the_fields(string name)
    {
        string text = $"42 ({name}) Z 7 42 42 0 -1 4194560 1 0 0 0 1 2 3 4 20 0 1 0 987654 0 0 18446744073709551615\n";
        Assert.Equal(new ProcStat('Z', 7, 987654), ProcStat.Parse(Encoding.UTF8.GetBytes(text)));
        Assert.False(ProcStat.Parse(Encoding.UTF8.GetBytes(text)).IsAlive);
    }

    [Theory]
    [InlineData("")]
    [InlineData("42 (sh)")]
    [InlineData("42 (sh) S")]
    [InlineData("42 (sh) S x 1 2")]
    public void Half_a_line_is_refused(string text) =>
        Assert.Equal(Errno.EBADMSG, Assert.Throws<LinuxException>(() => ProcStat.Parse(Encoding.UTF8.GetBytes(text))).Errno);

    [Fact]
    public void Own_process_is_alive_and_a_reaped_one_is_not_there()
    {
        Assert.True(ProcStat.Read(Environment.ProcessId).IsAlive);
        int pid = LinuxException.ThrowIfError(Spawn.Start("/bin/true", ["true"], [], [], newSession: false), "spawn");
        LinuxException.ThrowIfError(Sys.waitid(P.PID, pid, out _, W.EXITED | W.NOWAIT), "waitid");
        Assert.Equal('Z', ProcStat.Read(pid).State);
        LinuxException.ThrowIfError(Sys.waitid(P.PID, pid, out _, W.EXITED), "waitid");
        Assert.Null(ProcStat.TryRead(pid));
        Assert.Equal(Errno.ESRCH, Assert.Throws<LinuxException>(() => ProcStat.Read(pid)).Errno);
    }

    [Fact]
    public void Mounts_are_read_with_escapes_undone_and_any_number_of_optional_fields()
    {
        const string Text = """
            36 35 98:0 /mnt1 /mnt\0402\134x rw,noatime master:1 shared:2 - ext3 /dev/root\011 rw,errors=continue
            37 36 0:4 / /proc rw - proc proc rw

            """;
        List<MountEntry> mounts = MountInfo.Parse(Encoding.UTF8.GetBytes(Text));
        Assert.Equal(
            [
                new MountEntry(36, 35, 98, 0, "/mnt1", "/mnt 2\\x", "rw,noatime", "master:1 shared:2", "ext3", "/dev/root\t", "rw,errors=continue"),
                new MountEntry(37, 36, 0, 4, "/", "/proc", "rw", "", "proc", "proc", "rw"),
            ],
            mounts);
    }

    [Fact]
    public void A_line_without_its_dash_is_refused() =>
        Assert.Equal(Errno.EBADMSG, Assert.Throws<LinuxException>(() => MountInfo.Parse("36 35 98:0 / / rw shared:1\n"u8)).Errno);

    [Fact]
    public void Own_mounts_have_a_root() => Assert.Contains(MountInfo.Read(), mount => mount.Point == "/");

    [Fact]
    public void Verified_procfs_reads_and_writes_files_of_procfs()
    {
        using VerifiedProcfs procfs = VerifiedProcfs.Open();
        Assert.Equal(Sys.geteuid() == 0, procfs.IsPrivate);
        Assert.Equal(File.ReadAllBytes("/proc/sys/kernel/ostype"), procfs.Read("sys/kernel/ostype"));
        procfs.Write("self/task/" + Sys.gettid() + "/comm", "rundlet-test"u8);
        Assert.Equal("rundlet-test\n"u8, procfs.Read("self/task/" + Sys.gettid() + "/comm"));
    }

    [Theory]
    [InlineData("self/exe", Errno.ELOOP)]
    [InlineData("self/root/etc/passwd", Errno.ELOOP)]
    [InlineData("../etc/passwd", Errno.EXDEV)]
    [InlineData("no-such-file", Errno.ENOENT)]
    public void Verified_procfs_does_not_lead_out(string path, Errno reason)
    {
        using VerifiedProcfs procfs = VerifiedProcfs.Open();
        Assert.Equal(reason, Assert.Throws<LinuxException>(() => procfs.OpenFile(path, O.RDONLY)).Errno);
    }

    [Theory]
    [InlineData("/tmp")]
    [InlineData("/proc/self/fd")]
    [InlineData("/proc/sys")]
    public void Another_folder_is_not_taken_for_procfs(string path) =>
        Assert.Equal(Errno.EXDEV, Assert.Throws<LinuxException>(() => VerifiedProcfs.FromFolder(path)).Errno);
}
