using System.Diagnostics;
using Rundlet.Linux.Proc;

namespace Rundlet.Runcs.Tests;

/// <summary>Commands that are killed at any moment, and commands that run at the same time.</summary>
public sealed class CrashTests : ContainerTest
{
    private const int Rounds = 20;

    [Fact]
    public void A_create_that_was_killed_at_any_moment_leaves_nothing_that_delete_does_not_remove()
    {
        RuntimeProgram.SkipUnlessOurs("runc leaves cgroups");
        TestContainer container = Container().Script("exec sleep 1000");
        container.Save();
        TimeSpan whole = Measure(container);
        Random random = new(1);
        for (int round = 0; round < Rounds; round++)
        {
            using (BoundedProcess create = container.Begin("", "create", "-b", container.Bundle, container.Id))
            {
                SpinUntil(whole * (1.2 * random.NextDouble()));
                create.Kill();
                create.Wait();
            }
            container.Runtime("delete", "--force", container.Id).Good();
            AssertNothingLeft(container);
        }
    }

    [Fact]
    public void After_a_killed_create_the_id_is_free_or_says_how_to_free_it()
    {
        RuntimeProgram.SkipUnlessOurs();
        TestContainer container = Container();
        container.Save();
        TimeSpan whole = Measure(container);
        Random random = new(2);
        for (int round = 0; round < Rounds / 2; round++)
        {
            using (BoundedProcess create = container.Begin("", "create", "-b", container.Bundle, container.Id))
            {
                SpinUntil(whole * random.NextDouble());
                create.Kill();
                create.Wait();
            }
            Finished again = container.Create();
            if (again.Status != 0)
                again.Refused(1, "container with given ID already exists");
            container.Runtime("list").Good();
            container.Runtime("delete", "--force", container.Id).Good();
        }
    }

    [Fact]
    public void A_start_that_was_killed_at_any_moment_leaves_a_container_of_a_known_state()
    {
        RuntimeProgram.SkipUnlessOurs();
        Random random = new(3);
        TestContainer container = Container().Script("exec sleep 1000");
        for (int round = 0; round < Rounds / 2; round++)
        {
            container.Create().Good();
            using (BoundedProcess start = container.Begin("", "start", container.Id))
            {
                SpinUntil(TimeSpan.FromMilliseconds(20 * random.NextDouble()));
                start.Kill();
                start.Wait();
            }
            string status = container.Status();
            Finished again = container.Start();
            if (status == "created")
                Assert.True(again.Status == 0 || again.Error.Contains("already running", StringComparison.Ordinal), again.Error);
            else
                again.Refused(1, "cannot start an already running container");
            Assert.Equal("running", container.Status());
            container.Runtime("delete", "--force", container.Id).Good();
        }
    }

    [Fact]
    public void A_run_that_was_killed_leaves_nothing_that_delete_does_not_remove()
    {
        RuntimeProgram.SkipUnlessOurs("runc leaves cgroups");
        TestContainer container = Container().Script("exec sleep 1000");
        container.Save();
        Random random = new(4);
        for (int round = 0; round < Rounds / 2; round++)
        {
            using (BoundedProcess run = container.Begin("", "run", "-b", container.Bundle, container.Id))
            {
                SpinUntil(TimeSpan.FromMilliseconds(60 * random.NextDouble()));
                run.Kill();
                run.Wait();
            }
            container.Runtime("delete", "--force", container.Id).Good();
            AssertNothingLeft(container);
        }
    }

    [Fact]
    public void Of_two_creates_of_one_id_at_the_same_time_exactly_one_wins()
    {
        RuntimeProgram.SkipUnlessOurs("both may fail with runc 1.1");
        TestContainer container = Container().Script("exec sleep 1000");
        container.Save();
        for (int round = 0; round < Rounds; round++)
        {
            using BoundedProcess one = container.Begin("", "create", "-b", container.Bundle, container.Id);
            using BoundedProcess two = container.Begin("", "create", "-b", container.Bundle, container.Id);
            Finished[] both = [one.Wait(), two.Wait()];
            Finished lost = Assert.Single(both, finished => finished.Status != 0);
            Assert.Contains("container with given ID already exists", lost.Error, StringComparison.OrdinalIgnoreCase);
            Assert.Equal("created", container.Status());
            container.Runtime("delete", "--force", container.Id).Good();
        }
    }

    [Fact]
    public void Of_two_starts_at_the_same_time_exactly_one_wins()
    {
        RuntimeProgram.SkipUnlessOurs("runc 1.1 may hang");
        TestContainer container = Container().Script("echo x >> /tmp/started; exec sleep 1000");
        container.Create().Good();
        using BoundedProcess one = container.Begin("", "start", container.Id);
        using BoundedProcess two = container.Begin("", "start", container.Id);
        Finished[] both = [one.Wait(), two.Wait()];
        if (RuntimeProgram.IsOurs)
            Assert.Single(both, finished => finished.Status == 0);
        Assert.Equal("running", container.Status());
    }

    [Fact]
    public void Deletes_at_the_same_time_do_not_trip_over_each_other()
    {
        TestContainer container = Container().Script("exec sleep 1000");
        for (int round = 0; round < 5; round++)
        {
            container.Up();
            using BoundedProcess one = container.Begin("", "delete", "--force", container.Id);
            using BoundedProcess two = container.Begin("", "delete", "--force", container.Id);
            Finished[] both = [one.Wait(), two.Wait()];
            if (RuntimeProgram.IsOurs)
                Assert.All(both, finished => finished.Good());
            container.Runtime("delete", "--force", container.Id).Good();
            AssertNothingLeft(container);
        }
    }

    private static TimeSpan Measure(TestContainer container)
    {
        Stopwatch watch = Stopwatch.StartNew();
        container.Create().Good();
        TimeSpan whole = watch.Elapsed;
        container.Runtime("delete", "--force", container.Id).Good();
        return whole;
    }

    // A random moment is what the test is about; nothing is waited for.
    private static void SpinUntil(TimeSpan moment)
    {
        Stopwatch watch = Stopwatch.StartNew();
        while (watch.Elapsed < moment)
            Thread.Yield();
    }

    private static void AssertNothingLeft(TestContainer container)
    {
        container.Runtime("state", container.Id).Refused(1, "container does not exist");
        string name = $"rundlet-test-{container.Id}";
        Assert.DoesNotContain(CgroupMounts.Points, point => Directory.Exists($"{point}/{name}"));
        Assert.DoesNotContain(MountInfo.Read(), mount => mount.Point.StartsWith(container.Folder, StringComparison.Ordinal));
    }
}
