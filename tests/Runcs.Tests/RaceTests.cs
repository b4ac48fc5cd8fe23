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
