using Rundlet.Linux.Netlink;
using Rundlet.Linux.Proc;
using Rundlet.Syscalls;

namespace Rundlet.Linux.Tests.Proc;

public sealed class ProcExitTests
{
    [Theory]
    [InlineData("exit 9", 9 << 8)]
    [InlineData("kill -9 $$", 9)]
    public void A_status_is_read_from_a_zombie_and_from_its_pidfd_when_it_was_reaped(string script, int status)
    {
        int pid = LinuxException.ThrowIfError(Spawn.Start("/bin/sh", ["sh", "-c", script], [], [new(0, 0), new(1, 1), new(2, 2)], newSession: false), "start");
        ulong start = ProcStat.Read(pid).StartTime;
        using OwnedFd pidfd = OwnedFd.FromAnswer(Sys.pidfd_open(pid), "pidfd_open");
        Assert.Equal(1, Sys.poll([new pollfd { fd = pidfd.Value, events = POLL.IN }], 10_000));

        Assert.Equal(status, ProcExit.TryRead(pid, start, null));
        Assert.Null(ProcExit.TryRead(pid, start + 1, null));
        Assert.Equal(0, Sys.waitid(P.PID, pid, out _, W.EXITED));
        Assert.Null(ProcExit.TryRead(pid, start, null));
        Assert.Equal(ProcExit.IsKept ? status : null, ProcExit.TryRead(pid, start, pidfd));
    }

    [Theory]
    [InlineData("read line; exit 9", 9 << 8, false)]
    [InlineData("read line; exit 9", 9 << 8, true)]
    [InlineData("read line; kill -9 $$", 9, false)]
    [InlineData("(exit 3); read line; exec sh -c 'exit 4'", 4 << 8, false)]
    public void Who_asked_for_news_knows_the_status_of_one_that_somebody_has_reaped(string script, int status, bool isElsewhere)
    {
        using OwnedFd? elsewhere = isElsewhere ? NetworkNamespace.Create() : null;
        LinuxException.ThrowIfError(Sys.pipe2(out int reading, out int writing, O.CLOEXEC), "pipe2");
        using OwnedFd input = new(reading);
        int pid;
        ExitNews? news;
        using (OwnedFd hold = new(writing))
        {
            pid = LinuxException.ThrowIfError(Spawn.Start("/bin/sh", ["sh", "-c", script], ["PATH=/bin"], [new(reading, 0), new(1, 1), new(2, 2)], newSession: false), "start");
            news = elsewhere is null ? ExitNews.TryOpen(pid) : NetworkNamespace.Run(elsewhere, () => ExitNews.TryOpen(pid));
        }
        using OwnedFd pidfd = OwnedFd.FromAnswer(Sys.pidfd_open(pid), "pidfd_open");
        Assert.Equal(1, Sys.poll([new pollfd { fd = pidfd.Value, events = POLL.IN }], 10_000));
        Assert.Equal(0, Sys.waitid(P.PID, pid, out _, W.EXITED));
        using (news)
        {
            if (news?.Status() is not { } told)
                Assert.Skip("the kernel has no process connector, or not for this namespace");
            else
                Assert.Equal(status, told);
        }
    }

    [Fact]
    public void One_that_lives_has_none()
    {
        Assert.Null(ProcExit.TryRead(Sys.getpid(), ProcStat.Read(Sys.getpid()).StartTime, null));
    }
}
