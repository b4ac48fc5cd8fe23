using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Runcs.Tests;

/// <summary>Two commands for one container at the same moment: one after the other, or one is refused in words; never half of both.</summary>
public sealed class RaceTests : ContainerTest
{
    private const int Rounds = 12;

    [Fact]
    public void Of_two_starts_one_starts()
    {
        RuntimeProgram.SkipUnlessOurs();
        TestContainer container = Container().Script("exec sleep 1000");
        for (int round = 0; round < Rounds; round++)
        {
            container.Create().Good();
            (Finished first, Finished second) = Both(container, ["start", container.Id], ["start", container.Id]);
            Finished refused = first.Status == 0 ? second : first;
            Assert.True(first.Status == 0 || second.Status == 0, first.Error + second.Error);
            refused.Refused(1, "cannot start an already running container");
            Assert.Equal("running", container.Status());
            container.Runtime("delete", "--force", container.Id).Good();
        }
    }

    [Fact]
    public void Start_and_delete_leave_a_running_container_or_none()
    {
        RuntimeProgram.SkipUnlessOurs();
        TestContainer container = Container().Script("exec sleep 1000");
        for (int round = 0; round < Rounds; round++)
        {
            container.Create().Good();
            (Finished start, Finished delete) = Both(container, ["start", container.Id], ["delete", container.Id]);
            if (start.Status == 0)
            {
                delete.Refused(1, "that is not stopped: running");
                Assert.Equal("running", container.Status());
                container.Runtime("delete", "--force", container.Id).Good();
            }
            else
            {
                delete.Good();
                start.Refused(1, "container does not exist");
            }
        }
    }

    [Fact]
    public void Of_two_containers_that_are_given_one_cgroup_one_is_made()
    {
        RuntimeProgram.SkipUnlessOurs("runc only looks before");
        (TestContainer one, TestContainer two) = SharingCgroup();
        for (int round = 0; round < Rounds; round++)
        {
            using BoundedProcess first = one.Begin("", "create", "--bundle", one.Bundle, one.Id);
            using BoundedProcess second = two.Begin("", "create", "--bundle", two.Bundle, two.Id);
            (Finished left, Finished right) = (first.Wait(), second.Wait());
            Assert.True(left.Status == 0 || right.Status == 0, left.Error + right.Error);
            (TestContainer made, TestContainer other, Finished refused) = left.Status == 0 ? (one, two, right) : (two, one, left);
            refused.Refused(1, "cgroup '");
            Assert.Matches("is in use by|is being taken by", refused.Error);
            other.Runtime("state", other.Id).Refused(1, "does not exist");
            Assert.Equal("created", made.Status()); // the other one's end has not killed it
            made.Runtime("delete", "--force", made.Id).Good();
        }
    }

    [Fact]
    public void A_cgroup_that_somebody_is_about_to_enter_is_refused()
    {
        RuntimeProgram.SkipUnlessOurs("runc only looks before");
        (TestContainer container, _) = SharingCgroup();
        string[] folders = [.. CgroupMounts.Points.Select(point => point + (string)container.LinuxPart["cgroupsPath"]!)];
        List<OwnedFd> held = [];
        foreach (string folder in folders)
        {
            Directory.CreateDirectory(folder);
            held.Add(FileIo.Open(Sys.AT_FDCWD, folder, O.RDONLY | O.DIRECTORY));
            LinuxException.ThrowIfError(Sys.flock(held[^1].Value, LOCK.EX | LOCK.NB), "flock", folder);
        }
        container.Create().Refused(1, "is being taken by another container");
        Assert.All(folders, folder => Assert.True(Directory.Exists(folder)));
        held.ForEach(fd => fd.Dispose());
        foreach (string folder in folders)
            Directory.Delete(folder);
    }

    [Fact]
    public void Another_users_lock_on_a_cgroup_stops_nobody()
    {
        RuntimeProgram.SkipUnlessOurs("runc takes no lock");
        (TestContainer container, _) = SharingCgroup();
        string folder = CgroupMounts.Unified.Length > 0 ? CgroupMounts.Unified : CgroupMounts.Points.First();
        folder += (string)container.LinuxPart["cgroupsPath"]!;
        Directory.CreateDirectory(folder);
        File.SetUnixFileMode(Scratch, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute);
        using BoundedProcess locker = BoundedProcess.Start($"{Scratch}/locker",
            ["setpriv", "--reuid=12345", "--regid=12345", "--clear-groups", "flock", "--no-fork", folder, "sh", "-c", $"echo x >{Scratch}/locked; exec sleep 1000"]);
        try
        {
            container.AwaitText($"{Scratch}/locked", "x");
            container.Create().Good();
        }
        finally
        {
            locker.Kill();
        }
    }

    private (TestContainer One, TestContainer Two) SharingCgroup()
    {
        (TestContainer one, TestContainer two) = (Container().Script("exec sleep 1000"), Container().Script("exec sleep 1000"));
        two.LinuxPart["cgroupsPath"] = (string)one.LinuxPart["cgroupsPath"]!;
        one.Save();
        two.Save();
        return (one, two);
    }

    [Fact]
    public void Kill_and_delete_by_force_end_in_none()
    {
        RuntimeProgram.SkipUnlessOurs();
        TestContainer container = Container().Script("exec sleep 1000");
        for (int round = 0; round < Rounds; round++)
        {
            container.Up();
            (Finished kill, Finished delete) = Both(container, ["kill", container.Id, "KILL"], ["delete", "--force", container.Id]);
            delete.Good();
            if (kill.Status != 0)
                Assert.Matches("container (not running|does not exist)", kill.Error);
            container.Runtime("state", container.Id).Refused(1, "container does not exist");
        }
    }

    [Fact]
    public void Exec_and_delete_by_force_leave_no_process()
    {
        RuntimeProgram.SkipUnlessOurs();
        TestContainer container = Container().Script("exec sleep 1000");
        for (int round = 0; round < Rounds; round++)
        {
            container.Up();
            (Finished exec, Finished delete) = Both(container, ["exec", "--detach", container.Id, "sleep", "1000"], ["delete", "--force", container.Id]);
            delete.Good();
            Assert.DoesNotContain("unexpected", exec.Error, StringComparison.Ordinal);
            container.Runtime("state", container.Id).Refused(1, "container does not exist");
        }
    }

    [Fact]
    public void The_state_during_create_and_delete_is_one_of_the_five_or_none()
    {
        RuntimeProgram.SkipUnlessOurs();
        TestContainer container = Container().Script("exec sleep 1000");
        for (int round = 0; round < Rounds; round++)
        {
            container.Save();
            string[] words = round % 2 == 0 ? ["create", "-b", container.Bundle, container.Id] : ["delete", "--force", container.Id];
            using BoundedProcess other = container.Begin("", words);
            while (!other.HasEnded)
            {
                Finished state = container.Runtime("state", container.Id);
                if (state.Status != 0)
                    state.Refused(1, "container does not exist");
                else
                    Assert.Matches("\"status\": \"(creating|created|stopped)\"", state.Output);
            }
            other.Wait().Good();
        }
        container.Runtime("delete", "--force", container.Id).Good();
    }

    private static (Finished First, Finished Second) Both(TestContainer container, string[] first, string[] second)
    {
        using BoundedProcess one = container.Begin("", first);
        using BoundedProcess other = container.Begin("", second);
        return (one.Wait(), other.Wait());
    }
}
