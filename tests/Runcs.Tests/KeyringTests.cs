using System.Text.Json.Nodes;

namespace Rundlet.Runcs.Tests;

public sealed class KeyringTests : ContainerTest
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_container_and_what_is_executed_in_it_have_one_session_keyring_that_is_not_the_callers(bool userNamespace)
    {
        TestContainer container = Container();
        string probe = KeyringProbe.Install(container);
        if (userNamespace)
        {
            RuntimeProgram.SkipUnlessOurs("the root file system of the test is no other user's");
            JsonArray map = new(new JsonObject { ["containerID"] = 0, ["hostID"] = 0, ["size"] = 65536 });
            container.Namespace("user").LinuxPart["uidMappings"] = map;
            container.LinuxPart["gidMappings"] = map.DeepClone();
        }
        container.Script("keyring; sleep 1000").Up();
        container.AwaitText(container.OutputFile, "\n");
        string inside = container.ContainerOutput.TrimEnd('\n');
        Assert.Equal($"_ses.{container.Id}", inside.Split(' ')[1]);
        Assert.NotEqual(OnHost(probe).Split(' ')[0], inside.Split(' ')[0]);
        Assert.Equal(inside, container.Exec("keyring").Good().Output.TrimEnd('\n'));
    }

    [Fact]
    public void With_no_new_keyring_the_callers_stays_for_exec_too()
    {
        TestContainer container = Container();
        string probe = KeyringProbe.Install(container);
        container.Script("keyring; sleep 1000").Create("--no-new-keyring").Good();
        container.Start().Good();
        container.AwaitText(container.OutputFile, "\n");
        Assert.Equal(OnHost(probe), container.ContainerOutput);
        Assert.Equal(OnHost(probe), container.Exec("keyring").Good().Output);
    }

    private string OnHost(string probe)
    {
        using BoundedProcess process = BoundedProcess.Start($"{Scratch}/host-{Guid.NewGuid():n}", [probe]);
        return process.Wait().Good().Output;
    }
}
