using System.Text.Json.Nodes;

namespace Rundlet.Runcs.Tests;

/// <summary>A test with an imitation of resctrl. Afterwards no group of it may be left.</summary>
public abstract class RdtTest : ContainerTest, IDisposable
{
    /// <summary>Mounts it.</summary>
    /// <param name="onlyOurs">Why other runtimes are not asked; null to ask them. A test that skips itself later would leave the mount.</param>
    protected RdtTest(string? onlyOurs = null)
    {
        if (onlyOurs is not null)
            RuntimeProgram.SkipUnlessOurs(onlyOurs);
        Resctrl = new ResctrlImitation();
    }

    private protected ResctrlImitation Resctrl { get; }

    public new void Dispose()
    {
        GC.SuppressFinalize(this);
        string[] left = [];
        try
        {
            base.Dispose(); // deletes the containers
            left = Resctrl.Groups;
        }
        finally
        {
            Resctrl.End();
        }
        Assert.Equal([], left);
    }

    /// <summary>A container with a share, as the JSON of its member.</summary>
    private protected TestContainer Sharing(string rdt)
    {
        TestContainer container = Plain();
        container.LinuxPart["intelRdt"] = JsonNode.Parse(rdt);
        return container;
    }

    /// <summary>A container without one, whose commands find the imitation all the same.</summary>
    private protected TestContainer Plain()
    {
        TestContainer container = Container();
        container.Launcher = Resctrl.Launcher;
        return container;
    }
}
