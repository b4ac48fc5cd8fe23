using System.Text.Json;
using System.Text.Json.Serialization;

namespace Rundlet.Oci.Tests;

/// <summary>The framework's codec over the same model: what the hand-written one is held against. Its table of names is its own.</summary>
[JsonSourceGenerationOptions(GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(Spec))]
[JsonSerializable(typeof(ContainerState))]
internal sealed partial class SecondCodec : JsonSerializerContext
{
    public static SecondCodec Instance { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = new SpecificationNames(),
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    });

    /// <summary>Camel case, except where the specification writes an abbreviation in capitals.</summary>
    private sealed class SpecificationNames : JsonNamingPolicy
    {
        public override string ConvertName(string name) => name switch
        {
            "BlockIo" => "blockIO",
            "ClassId" => "classID",
            "ClosId" => "closID",
            "ContainerId" => "containerID",
            "DisableOomKiller" => "disableOOMKiller",
            "EnableCmt" => "enableCMT",
            "EnableMbm" => "enableMBM",
            "ExecCpuAffinity" => "execCPUAffinity",
            "HostId" => "hostID",
            "KernelTcp" => "kernelTCP",
            "ThrottleReadIopsDevice" => "throttleReadIOPSDevice",
            "ThrottleWriteIopsDevice" => "throttleWriteIOPSDevice",
            _ => CamelCase.ConvertName(name),
        };
    }
}
