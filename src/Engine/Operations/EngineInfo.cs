using System.Runtime.InteropServices;
using Rundlet.Engine.Lifecycle;
using Rundlet.Linux;
using Rundlet.Linux.Cgroups;

namespace Rundlet.Engine.Operations;

/// <summary>Facts about this engine and this machine.</summary>
public sealed record EngineInfo
{
    /// <summary>Containers by phase.</summary>
    public required IReadOnlyDictionary<ContainerPhase, int> Containers { get; init; }

    /// <summary>How many images there are.</summary>
    public required int Images { get; init; }

    /// <summary>Where everything lies.</summary>
    public required EnginePaths Paths { get; init; }

    /// <summary>The kernel's release.</summary>
    public required string Kernel { get; init; }

    /// <summary>The operating system's name for itself.</summary>
    public required string OperatingSystem { get; init; }

    /// <summary>The processor's kind, as the kernel calls it.</summary>
    public required string Architecture { get; init; }

    /// <summary>How many processors there are.</summary>
    public required int Processors { get; init; }

    /// <summary>Memory in bytes.</summary>
    public required long Memory { get; init; }

    /// <summary>How cgroups are mounted.</summary>
    public required CgroupMode Cgroups { get; init; }

    /// <summary>The machine's name.</summary>
    public required string HostName { get; init; }

    /// <summary>Looks.</summary>
    public static EngineInfo Read(ContainerEngine engine)
    {
        var phases = new Dictionary<ContainerPhase, int>();
        foreach (ContainerSummary container in ListContainers.Run(engine, all: true))
            phases[container.Standing.Phase] = phases.GetValueOrDefault(container.Standing.Phase) + 1;
        return new EngineInfo
        {
            Containers = phases,
            Images = engine.Images.List().Count,
            Paths = engine.Paths,
            Kernel = FileIo.TryReadText("/proc/sys/kernel/osrelease")?.Trim() ?? "unknown",
            OperatingSystem = PrettyName(),
            Architecture = RuntimeInformation.OSArchitecture == System.Runtime.InteropServices.Architecture.Arm64 ? "aarch64" : "x86_64",
            Processors = Environment.ProcessorCount,
            Memory = MemoryOfMachine(),
            Cgroups = CgroupLayout.Detect().Mode,
            HostName = Environment.MachineName,
        };
    }

    /// <summary>The machine's memory in bytes; 0 where the kernel does not say.</summary>
    public static long MemoryOfMachine()
    {
        foreach (string line in (FileIo.TryReadText("/proc/meminfo") ?? "").Split('\n'))
        {
            if (line.StartsWith("MemTotal:", StringComparison.Ordinal) && long.TryParse(line.AsSpan(9).TrimEnd("kB ").Trim(), out long kibibytes))
                return kibibytes << 10;
        }
        return 0;
    }

    private static string PrettyName()
    {
        foreach (string line in (FileIo.TryReadText("/etc/os-release") ?? "").Split('\n'))
        {
            if (line.StartsWith("PRETTY_NAME=", StringComparison.Ordinal))
                return line[12..].Trim('"');
        }
        return "Linux";
    }
}
