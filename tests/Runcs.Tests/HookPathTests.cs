namespace Rundlet.Runcs.Tests;

/// <summary>Where the program of a hook may be.</summary>
public sealed class HookPathTests : ContainerTest
{
    [Fact]
    [SpecRow("hooks.createRuntime")]
    public void A_hook_of_the_host_may_be_named_by_a_process_that_runs_it()
    {
        // dockerd names itself so, in the prestart hook that sets up a network.
        using BoundedProcess sleep = BoundedProcess.Start($"{Scratch}/sleep", ["sleep", "1000"]);
        Container().Hook("createRuntime", $"/proc/{sleep.Pid}/exe", "sleep", "0").Run().Good();
        sleep.Kill();
        sleep.Wait();
    }

    [Theory]
    [InlineData("startContainer")]
    [InlineData("createContainer")]
    public void A_hook_in_the_container_may_not(string point)
    {
        RuntimeProgram.SkipUnlessOurs();
        TestContainer container = Container().Hook(point, "/proc/self/exe", "self");
        Finished created = container.Create();
        (point == "startContainer" ? container.Start() : created).Refused(1, "/proc/self/exe");
    }
}
