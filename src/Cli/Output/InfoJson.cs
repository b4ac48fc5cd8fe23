using System.Text.Json;
using Rundlet.Cli.Commands;
using Rundlet.Engine.Lifecycle;
using Rundlet.Engine.Operations;
using Rundlet.Linux.Cgroups;
using Rundlet.Runtime;

namespace Rundlet.Cli.Output;

/// <summary>The engine in the shape of docker's <c>info</c>.</summary>
internal static class InfoJson
{
    /// <summary>Writes the members of its object.</summary>
    public static void Write(Utf8JsonWriter json, EngineInfo info)
    {
        json.WriteNumber("Containers"u8, info.Containers.Values.Sum());
        json.WriteNumber("ContainersRunning"u8, info.Containers.GetValueOrDefault(ContainerPhase.Running));
        json.WriteNumber("ContainersPaused"u8, info.Containers.GetValueOrDefault(ContainerPhase.Paused));
        json.WriteNumber("ContainersStopped"u8, info.Containers.GetValueOrDefault(ContainerPhase.Created) + info.Containers.GetValueOrDefault(ContainerPhase.Restarting) + info.Containers.GetValueOrDefault(ContainerPhase.Exited) + info.Containers.GetValueOrDefault(ContainerPhase.Dead));
        json.WriteNumber("Images"u8, info.Images);
        json.WriteString("Driver"u8, "overlay");
        json.WriteString("DefaultRuntime"u8, RuntimeProgram.Own);
        json.WriteString("CgroupVersion"u8, info.Cgroups == CgroupMode.V2 ? "2" : "1");
        json.WriteString("KernelVersion"u8, info.Kernel);
        json.WriteString("OperatingSystem"u8, info.OperatingSystem);
        json.WriteString("OSType"u8, "linux");
        json.WriteString("Architecture"u8, info.Architecture);
        json.WriteNumber("NCPU"u8, info.Processors);
        json.WriteNumber("MemTotal"u8, info.Memory);
        json.WriteString("DockerRootDir"u8, info.Paths.Root);
        json.WriteString("RunRoot"u8, info.Paths.RunRoot);
        json.WriteString("Name"u8, info.HostName);
        json.WriteString("ServerVersion"u8, VersionCommand.Version);
    }
}
