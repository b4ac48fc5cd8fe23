using System.Text;
using System.Text.Json;
using Rundlet.Engine.Options;
using Rundlet.Engine.State;
using Rundlet.Linux;
using Rundlet.Oci;

namespace Rundlet.Engine.Operations;

/// <summary>Everything about one container.</summary>
/// <param name="Record">Its row.</param>
/// <param name="Standing">Where it stands.</param>
/// <param name="Options">What the user asked for.</param>
/// <param name="Spec">What came of it.</param>
/// <param name="Network">Its network; null when it does not run.</param>
public sealed record InspectContainer(ContainerRecord Record, Lifecycle.ContainerStanding Standing, ContainerOptions Options, Spec Spec, NetworkNote? Network)
{
    /// <summary>Looks.</summary>
    /// <exception cref="ContainerException">NotFound: it is gone, or half made.</exception>
    public static InspectContainer Run(ContainerEngine engine, ContainerRecord record)
    {
        Lifecycle.ContainerStanding standing = engine.StandingOf(record);
        return new InspectContainer(
            record, standing, OptionsOf(record), SpecOf(engine, record), standing.IsRunning ? NetworkNote.TryRead(engine.Paths, record.Id) : null);
    }

    /// <summary>What the user asked for.</summary>
    public static ContainerOptions OptionsOf(ContainerRecord record) =>
        JsonSerializer.Deserialize(record.Options, EngineJson.Default.ContainerOptions)
        ?? throw new ContainerException(ContainerErrorKind.Internal, $"the options of container '{record.Name}' are damaged");

    /// <summary>The spec on disk.</summary>
    /// <exception cref="ContainerException">NotFound: it is gone, or half made.</exception>
    public static Spec SpecOf(ContainerEngine engine, ContainerRecord record)
    {
        string path = $"{engine.Paths.Container(record.Id)}/config.json";
        string text = FileIo.TryReadText(path, SpecReader.MaxBytes) ?? throw new ContainerException(ContainerErrorKind.NotFound, $"no such container '{record.Name}'");
        return SpecReader.Read(Encoding.UTF8.GetBytes(text));
    }
}
