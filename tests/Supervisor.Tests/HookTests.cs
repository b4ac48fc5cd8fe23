using Rundlet.Linux;
using Rundlet.Oci;
using Rundlet.Runtime.Supervision;

namespace Rundlet.Supervisor.Tests;

/// <summary>Hooks of a container whose parent is a supervisor; Runcs.Tests has the rest.</summary>
public sealed class HookTests
{
    [Fact]
    public void All_six_run_at_their_points()
    {
        using TemporaryFolder folder = new();
        using (TestContainer container = TestContainer.Create(["/bin/sh", "-c", "echo program"], new(Hooks: All(folder["log"]))))
        {
            Assert.Equal(["prestart", "createRuntime", "createContainer"], File.ReadAllLines(folder["log"]));
            using SupervisorConnection client = container.Attach();
            container.Start();
            (string stdout, _, ExitRecord exit) = TestContainer.ReadToEnd(client);
            container.WaitForSupervisor();
            Assert.Equal((0, "startContainer\nprogram\n"), (exit.ExitCode, stdout));
            Assert.Null(exit.Error);
        }
        Assert.Equal(["prestart", "createRuntime", "createContainer", "poststart", "poststop"], File.ReadAllLines(folder["log"]));
    }

    [Fact]
    public void One_that_fails_during_create_is_told_and_poststop_runs()
    {
        using TemporaryFolder folder = new();
        Hooks hooks = All(folder["log"]);
        hooks.CreateRuntime!.Add(Script("echo why >&2; exit 5"));
        using TestContainer container = TestContainer.Prepare(["/bin/true"], new(Hooks: hooks));
        container.Launch.SendNetwork(null);
        using CancellationTokenSource limit = new(TestContainer.Patience);

        ContainerException failed = Assert.Throws<ContainerException>(() => container.Launch.WaitCreated(limit.Token));
        container.WaitForSupervisor();

        Assert.Contains("error running createRuntime hook #1 '/bin/sh': exit status 5: why", failed.Message, StringComparison.Ordinal);
        Assert.Equal(["prestart", "createRuntime", "poststop"], File.ReadAllLines(folder["log"]));
    }

    [Fact]
    public void One_that_fails_after_the_start_stops_the_container()
    {
        using TemporaryFolder folder = new();
        Hooks hooks = All(folder["log"]);
        hooks.Poststart!.Add(Script("exit 6"));
        using TestContainer container = TestContainer.Create(["/bin/sleep", "1000"], new(Hooks: hooks));

        ContainerException failed = Assert.Throws<ContainerException>(container.Start);
        container.WaitForSupervisor();

        Assert.Contains("error running poststart hook #1", failed.Message, StringComparison.Ordinal);
        Assert.Equal("poststop", File.ReadAllLines(folder["log"])[^1]);
    }

    private static Hooks All(string log) => new()
    {
        Prestart = [Script($"echo prestart >>{log}")],
        CreateRuntime = [Script($"echo createRuntime >>{log}")],
        CreateContainer = [Script($"echo createContainer >>{log}")],
        StartContainer = [Script("echo startContainer")],
        Poststart = [Script($"echo poststart >>{log}")],
        Poststop = [Script($"echo poststop >>{log}")],
    };

    private static Hook Script(string text) => new() { Path = "/bin/sh", Args = ["sh", "-c", text], Env = ["PATH=/bin"] };
}
