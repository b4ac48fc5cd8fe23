using System.Text;
using Rundlet.Engine.Lifecycle;
using Rundlet.Engine.Networks;
using Rundlet.Engine.Options;
using Rundlet.Engine.State;
using Rundlet.Images.Snapshots;
using Rundlet.Linux;
using Rundlet.Oci;
using Rundlet.Runtime.Supervision;

namespace Rundlet.Engine.Operations;

/// <summary>Everything about one container.</summary>
public sealed record InspectContainer
{
    /// <summary>Its row.</summary>
    public required ContainerRecord Record { get; init; }

    /// <summary>Where it stands.</summary>
    public required ContainerStanding Standing { get; init; }

    /// <summary>What the user asked for.</summary>
    public required ContainerOptions Options { get; init; }

    /// <summary>What came of it, without the rules for system calls.</summary>
    public required Spec Spec { get; init; }

    /// <summary>What its supervisor does with it.</summary>
    public required SupervisorConfig Supervision { get; init; }

    /// <summary>What its image says; null where that is gone.</summary>
    public ContainerConfig? Image { get; init; }

    /// <summary>The networks that it is on, or will be.</summary>
    public IReadOnlyList<EndpointRecord> Endpoints { get; init; } = [];

    /// <summary>How it hangs on its networks; null when it does not run.</summary>
    public NetworkNote? Network { get; init; }

    /// <summary>Bytes that it wrote, and those together with its image's; null where nobody asked.</summary>
    public (long Written, long Whole)? Sizes { get; init; }

    /// <summary>Looks.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="record">The container.</param>
    /// <param name="sizes">Whether its files are counted.</param>
    /// <exception cref="ContainerException">NotFound: it is gone, or half made.</exception>
    public static InspectContainer Run(ContainerEngine engine, ContainerRecord record, bool sizes = false)
    {
        ContainerStanding standing = engine.StandingOf(record);
        ContainerOptions options = OptionsOf(record);
        long written = sizes ? WritableSize.Of(engine.Paths.Container(record.Id)) : 0;
        return new InspectContainer
        {
            Record = record,
            Standing = standing,
            Options = options,
            Endpoints = ContainerEndpoints.Of(engine, record.Id, options),
            Spec = SpecOf(engine, record, withSeccomp: false),
            Supervision = SupervisorConfig.TryReadIn(engine.Paths.Container(record.Id)) ?? throw Gone(record),
            Image = engine.Images.TryConfig(record.ImageId),
            Network = standing.IsRunning ? NetworkNote.TryRead(engine.Paths, record.Id) : null,
            Sizes = sizes ? (written, written + engine.Images.SizeOf(record.ImageId)) : null,
        };
    }

    /// <summary>The names by which its neighbours on a network know it.</summary>
    public IReadOnlyList<string> NamesOn(EndpointRecord endpoint) => NetworkNameFiles.NamesOf(Record, endpoint.Settings, Options);

    /// <summary>What the user asked for.</summary>
    /// <exception cref="ContainerException">Internal: the row is damaged.</exception>
    public static ContainerOptions OptionsOf(ContainerRecord record)
    {
        try
        {
            return OptionsReader.Read(Encoding.UTF8.GetBytes(record.Options));
        }
        catch (SpecFormatException e)
        {
            throw new ContainerException(ContainerErrorKind.Internal, $"the options of container '{record.Name}' are damaged: {e.Message}", e);
        }
    }

    /// <summary>The spec on disk.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="record">The container.</param>
    /// <param name="withSeccomp">Whether the rules for system calls are wanted, most of the document.</param>
    /// <exception cref="ContainerException">NotFound: it is gone, or half made. Internal: it is damaged.</exception>
    public static Spec SpecOf(ContainerEngine engine, ContainerRecord record, bool withSeccomp = true)
    {
        const int UsualBytes = 16 << 10;
        string path = $"{engine.Paths.Container(record.Id)}/config.json";
        ReadOnlyMemory<byte> json = FileIo.TryReadBytes(path, SpecReader.MaxBytes, UsualBytes) ?? throw Gone(record);
        try
        {
            return withSeccomp ? SpecReader.Read(json.Span) : SpecReader.ReadWithoutSeccomp(json.Span);
        }
        catch (SpecFormatException e)
        {
            throw new ContainerException(ContainerErrorKind.Internal, $"config.json of container '{record.Name}' is damaged", e);
        }
    }

    private static ContainerException Gone(ContainerRecord record) => new(ContainerErrorKind.NotFound, $"no such container '{record.Name}'");
}
