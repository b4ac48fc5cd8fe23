using System.Buffers;
using System.Runtime.InteropServices;
using System.Text.Json;
using Rundlet.Engine.Options;
using Rundlet.Linux;
using Rundlet.Linux.Capabilities;
using Rundlet.Linux.Seccomp;
using Rundlet.Oci;

namespace Rundlet.Engine.Specs;

/// <summary>Which system call filter a container gets.</summary>
internal static class SeccompChoice
{
    private const string Unconfined = "unconfined";

    /// <summary>The user's, none, or the default one for its capabilities.</summary>
    /// <exception cref="ContainerException">InvalidArgument: the user's is not of the right form.</exception>
    public static Oci.Seccomp? For(SecurityOptions options, CapabilitySet capabilities) => options switch
    {
        { Seccomp: Unconfined } => null,
        { Seccomp: { } profile } => Read(profile, capabilities),
        { Privileged: true } => null,
        _ => Default(capabilities),
    };

    private static Oci.Seccomp Default(CapabilitySet capabilities)
    {
        SeccompArchitecture native = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? SeccompArchitecture.Aarch64 : SeccompArchitecture.X86_64;
        SeccompProfile profile = DefaultSeccompProfile.For(capabilities, native);
        return new Oci.Seccomp
        {
            DefaultAction = SeccompNames.NameOf(profile.DefaultAction),
            DefaultErrnoRet = profile.DefaultErrnoReturn,
            Architectures = [.. profile.Architectures.Select(NameOf)],
            Syscalls = [.. profile.Rules.Select(ToSpec)],
        };
    }

    private static Oci.SeccompRule ToSpec(Linux.Seccomp.SeccompRule rule) => new()
    {
        Names = [.. rule.Names],
        Action = SeccompNames.NameOf(rule.Action),
        ErrnoRet = rule.ErrnoReturn,
        Args = rule.Arguments.Count == 0 ? null : [.. rule.Arguments.Select(ToSpec)],
    };

    private static SeccompArg ToSpec(SeccompArgument argument) => new()
    {
        Index = argument.Index,
        Value = argument.Value,
        ValueTwo = argument.Operator == SeccompOperator.MaskedEqual ? argument.ValueTwo : null,
        Op = argument.Operator switch
        {
            SeccompOperator.NotEqual => "SCMP_CMP_NE",
            SeccompOperator.Less => "SCMP_CMP_LT",
            SeccompOperator.LessOrEqual => "SCMP_CMP_LE",
            SeccompOperator.Equal => "SCMP_CMP_EQ",
            SeccompOperator.GreaterOrEqual => "SCMP_CMP_GE",
            SeccompOperator.Greater => "SCMP_CMP_GT",
            _ => "SCMP_CMP_MASKED_EQ",
        },
    };

    private static string NameOf(SeccompArchitecture architecture) => architecture switch
    {
        SeccompArchitecture.X86_64 => "SCMP_ARCH_X86_64",
        SeccompArchitecture.X86 => "SCMP_ARCH_X86",
        SeccompArchitecture.X32 => "SCMP_ARCH_X32",
        SeccompArchitecture.Aarch64 => "SCMP_ARCH_AARCH64",
        _ => "SCMP_ARCH_ARM",
    };

    private static Oci.Seccomp Read(string profile, CapabilitySet capabilities)
    {
        try
        {
            using JsonDocument read = JsonDocument.Parse(profile);
            var document = new ArrayBufferWriter<byte>();
            using (Utf8JsonWriter json = new(document))
            {
                json.WriteStartObject();
                json.WriteString("ociVersion"u8, SpecBuilder.OciVersion);
                json.WriteStartObject("linux"u8);
                json.WritePropertyName("seccomp"u8);
                SeccompFile.Here(capabilities).Resolve(read.RootElement, json);
                json.WriteEndObject();
                json.WriteEndObject();
            }
            return SpecReader.Read(document.WrittenSpan).Linux!.Seccomp!;
        }
        catch (JsonException e)
        {
            throw new ContainerException(ContainerErrorKind.InvalidArgument, $"seccomp profile: not JSON (line {e.LineNumber + 1})");
        }
        catch (SpecFormatException e)
        {
            throw new ContainerException(ContainerErrorKind.InvalidArgument, "seccomp profile", e);
        }
    }
}
