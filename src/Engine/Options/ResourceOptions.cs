using System.Text.Json.Serialization;
using Rundlet.Linux;
using Rundlet.Oci;

namespace Rundlet.Engine.Options;

/// <summary>Limits of a container; null is no limit.</summary>
public sealed record ResourceOptions
{
    /// <summary>The least memory with which a container can be started, in bytes: 6 MiB, as with Docker.</summary>
    public const long MinimumMemory = 6L << 20;

    private const long Period = 100_000; // microseconds
    private const long NanoPerQuota = 1_000_000_000 / Period;

    /// <summary>Memory in bytes.</summary>
    public long? Memory { get; init; }

    /// <summary>Memory and swap together in bytes; -1 is no limit; null is twice the memory.</summary>
    public long? MemorySwap { get; init; }

    /// <summary>CPU time as billionths of a CPU.</summary>
    public long? NanoCpus { get; init; }

    /// <summary>Relative weight, 2 to 262144; 1024 is usual.</summary>
    public long? CpuShares { get; init; }

    /// <summary>Tasks; -1 is no limit.</summary>
    public long? PidsLimit { get; init; }

    /// <summary>The memory and swap limit that comes out of both options; null is none.</summary>
    [JsonIgnore]
    public long? EffectiveSwap => Memory is { } memory ? MemorySwap is null or 0 ? 2 * memory : MemorySwap : null;

    /// <summary>Refuses what cannot be.</summary>
    /// <exception cref="ContainerException">InvalidArgument.</exception>
    public void Validate()
    {
        Refuse(Memory is < MinimumMemory, $"memory limit {Memory} bytes is below the possible minimum", "use at least 6m");
        Refuse(MemorySwap is > 0 && Memory is null, "a memory and swap limit needs a memory limit", "add --memory");
        Refuse(MemorySwap is > 0 && MemorySwap < Memory, "the memory and swap limit is below the memory limit", "--memory-swap counts memory and swap together");
        Refuse(MemorySwap is < -1, $"invalid memory and swap limit {MemorySwap}", "use -1 for no limit");
        Refuse(NanoCpus is <= 0, "the number of cpus must be above 0", null);
        Refuse(NanoCpus is > 0 and < NanoPerQuota * 1000, "the number of cpus is below the possible minimum", "use at least 0.01");
        Refuse(NanoCpus > Environment.ProcessorCount * 1_000_000_000L, $"more cpus than this machine has: it has {Environment.ProcessorCount}", null);
        Refuse(CpuShares is < 2 or > 262_144, $"invalid cpu shares {CpuShares}", "use 2 to 262144");
        Refuse(PidsLimit is 0 or < -1, $"invalid pids limit {PidsLimit}", "use -1 for no limit");
    }

    /// <summary>As the specification has it, without devices.</summary>
    public Resources ToResources() => new()
    {
        Memory = Memory is null ? null : new MemoryResources { Limit = Memory, Swap = EffectiveSwap },
        Cpu = NanoCpus is null && CpuShares is null
            ? null
            : new CpuResources
            {
                Shares = (ulong?)CpuShares,
                Quota = NanoCpus / NanoPerQuota,
                Period = NanoCpus is null ? null : (ulong)Period,
            },
        Pids = PidsLimit is null ? null : new PidsResources { Limit = PidsLimit },
    };

    private static void Refuse(bool isWrong, string message, string? hint)
    {
        if (isWrong)
            throw new ContainerException(ContainerErrorKind.InvalidArgument, message) { Hint = hint };
    }
}
