using Rundlet.Cli.CommandLine;
using Rundlet.Cli.Output;
using Rundlet.Engine;
using Rundlet.Engine.Lifecycle;
using Rundlet.Engine.Operations;
using Rundlet.Runtime;

namespace Rundlet.Cli.Commands;

internal sealed class InfoCommand : Command
{
    public override string Name => "info";

    public override string Usage => "";

    public override string Summary => "Tell about this engine and this machine.";

    public override string Group => "About";

    public override IReadOnlyList<Option> Options => [DocumentFormatOption];

    public override int Run(Session session, Arguments arguments)
    {
        RefuseWords(arguments);
        using ContainerEngine engine = session.OpenEngine();
        EngineInfo info = EngineInfo.Read(engine);
        if (arguments.Value("format") is { } format)
        {
            Out.Line(new DocumentFormat(format).Print(Json.Object(json => InfoJson.Write(json, info))));
            return 0;
        }
        Out.Text($"""
            Containers: {info.Containers.Values.Sum()}
             Running: {info.Containers.GetValueOrDefault(ContainerPhase.Running)}
             Paused: {info.Containers.GetValueOrDefault(ContainerPhase.Paused)}
             Created: {info.Containers.GetValueOrDefault(ContainerPhase.Created)}
             Exited: {info.Containers.GetValueOrDefault(ContainerPhase.Exited)}
            Images: {info.Images}
            Version: {VersionCommand.Version}
            Storage Driver: overlay
            Default Runtime: {RuntimeProgram.Own}
            Cgroups: {info.Cgroups}
            Supervisor: {engine.SupervisorProgram}
            Root: {info.Paths.Root}
            Run Root: {info.Paths.RunRoot}
            Kernel: {info.Kernel}
            Operating System: {info.OperatingSystem}
            Architecture: {info.Architecture}
            CPUs: {info.Processors}
            Memory: {Human.Binary((ulong)info.Memory)}
            Name: {info.HostName}

            """);
        return 0;
    }
}
