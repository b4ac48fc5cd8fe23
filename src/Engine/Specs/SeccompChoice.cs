using System.Runtime.InteropServices;
using System.Text;
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
        { Seccomp: { } profile } => Read(profile),
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

    // A profile that says "only with this capability" would allow too much with those words passed over.
    private static Oci.Seccomp Read(string profile)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(profile);
            if (HasConditions(document.RootElement))
                throw new ContainerException(ContainerErrorKind.Unsupported, "seccomp profile: 'includes', 'excludes' and 'archMap' are not supported yet") { Hint = "give a profile in the form of the runtime specification" };
        }
        catch (JsonException e)
        {
            throw new ContainerException(ContainerErrorKind.InvalidArgument, $"seccomp profile: not JSON (line {e.LineNumber + 1})");
        }
        try
        {
            string document = "{\"ociVersion\":\"" + SpecBuilder.OciVersion + "\",\"linux\":{\"seccomp\":" + profile + "}}";
            return SpecReader.Read(Encoding.UTF8.GetBytes(document)).Linux!.Seccomp!;
        }
        catch (SpecFormatException e)
        {
            throw new ContainerException(ContainerErrorKind.InvalidArgument, "seccomp profile", e);
        }
    }

    private static bool HasConditions(JsonElement profile)
    {
        if (profile.ValueKind != JsonValueKind.Object)
            throw new ContainerException(ContainerErrorKind.InvalidArgument, "seccomp profile: not an object");
        if (profile.TryGetProperty("archMap", out _))
            return true;
        if (!profile.TryGetProperty("syscalls", out JsonElement rules) || rules.ValueKind != JsonValueKind.Array)
            return false;
        foreach (JsonElement rule in rules.EnumerateArray())
        {
            if (rule.ValueKind != JsonValueKind.Object)
                continue; // the reader says what is wrong
            foreach (JsonProperty member in rule.EnumerateObject())
            {
                if (member.Name is "includes" or "excludes" && member.Value.ValueKind == JsonValueKind.Object && member.Value.EnumerateObject().Any())
                    return true;
            }
        }
        return false;
    }
}
