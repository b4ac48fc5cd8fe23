using Rundlet.Linux;
using Rundlet.Linux.Capabilities;
using Rundlet.Oci;
using Rundlet.Runtime.Planning;

namespace Rundlet.Runtime;

/// <summary>
/// What this runtime does of the specification, features.md and features-linux.md: what it was built for, not what this machine
/// has. Optional members are asked of <see cref="SpecValidator"/>, which is what would refuse them.
/// </summary>
public static class RuntimeFeatures
{
    private static readonly string[] s_actions =
    [
        "SCMP_ACT_ALLOW", "SCMP_ACT_ERRNO", "SCMP_ACT_KILL", "SCMP_ACT_KILL_PROCESS", "SCMP_ACT_KILL_THREAD", "SCMP_ACT_LOG", "SCMP_ACT_TRACE", "SCMP_ACT_TRAP",
    ];

    private static readonly string[] s_operators =
    [
        "SCMP_CMP_EQ", "SCMP_CMP_GE", "SCMP_CMP_GT", "SCMP_CMP_LE", "SCMP_CMP_LT", "SCMP_CMP_MASKED_EQ", "SCMP_CMP_NE",
    ];

    private static readonly string[] s_archs = ["SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM", "SCMP_ARCH_X32", "SCMP_ARCH_X86", "SCMP_ARCH_X86_64"];

    private static readonly string[] s_flags =
    [
        "SECCOMP_FILTER_FLAG_LOG", "SECCOMP_FILTER_FLAG_SPEC_ALLOW", "SECCOMP_FILTER_FLAG_TSYNC", "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV",
    ];

    private static readonly string[] s_memoryModes =
    [
        "MPOL_BIND", "MPOL_DEFAULT", "MPOL_INTERLEAVE", "MPOL_LOCAL", "MPOL_PREFERRED", "MPOL_PREFERRED_MANY", "MPOL_WEIGHTED_INTERLEAVE",
    ];

    private static readonly string[] s_memoryFlags = ["MPOL_F_NUMA_BALANCING", "MPOL_F_RELATIVE_NODES", "MPOL_F_STATIC_NODES"];

    /// <summary>Writes the document.</summary>
    /// <param name="version">The program's own.</param>
    public static byte[] ToBytes(string version)
    {
        JsonWriter json = new(indented: true);
        json.WriteStartObject();
        json.WriteString("ociVersionMin"u8, "1.0.0");
        json.WriteString("ociVersionMax"u8, "1.3.0");
        WriteList(json, "hooks"u8, ["prestart", "createRuntime", "createContainer", "startContainer", "poststart", "poststop"]);
        WriteList(json, "mountOptions"u8, MountOptions.KnownNames);
        json.WriteStartObject("linux"u8);
        WriteLinux(json);
        json.WriteEndObject();
        json.WriteStartObject("annotations"u8);
        json.WriteString("dev.rundlet.runcs.version"u8, version);
        json.WriteEndObject();
        WriteList(json, "potentiallyUnsafeConfigAnnotations"u8, ["org.systemd.property."]);
        json.WriteEndObject();
        json.EndLine();
        return json.ToArray();
    }

    private static void WriteLinux(JsonWriter json)
    {
        List<string> namespaces = [];
        foreach ((string word, _, _) in NamespaceTable.All)
            namespaces.Add(word);
        namespaces.Sort(StringComparer.Ordinal);
        WriteList(json, "namespaces"u8, namespaces);
        List<string> capabilities = [];
        for (uint number = 0; number < Capability.Count; number++)
            capabilities.Add(Capability.NameOf(number));
        capabilities.Sort(StringComparer.Ordinal);
        WriteList(json, "capabilities"u8, capabilities);
        json.WriteStartObject("cgroup"u8);
        json.WriteBoolean("v1"u8, true);
        json.WriteBoolean("v2"u8, true);
        json.WriteBoolean("systemd"u8, true);
        json.WriteBoolean("systemdUser"u8, true);
        json.WriteBoolean("rdma"u8, true);
        json.WriteEndObject();
        WriteSeccomp(json);
        WriteEnabled(json, "apparmor"u8, true);
        WriteEnabled(json, "selinux"u8, true);
        json.WriteStartObject("intelRdt"u8);
        json.WriteBoolean("enabled"u8, Takes(spec => spec.Linux!.IntelRdt = new IntelRdt()));
        json.WriteBoolean("schemata"u8, Takes(spec => spec.Linux!.IntelRdt = new IntelRdt { Schemata = ["L3:0=f"] }));
        json.WriteBoolean("monitoring"u8, Takes(spec => spec.Linux!.IntelRdt = new IntelRdt { EnableMonitoring = true }));
        json.WriteEndObject();
        json.WriteStartObject("mountExtensions"u8);
        WriteEnabled(json, "idmap"u8, Takes(spec => spec.Mounts!.Add(new Mount { Destination = "/x", Source = "/x", Options = ["bind"], UidMappings = [s_map], GidMappings = [s_map] })));
        json.WriteEndObject();
        WriteEnabled(json, "netDevices"u8, Takes(spec => spec.Linux!.NetDevices = new() { ["eth0"] = new NetDevice() }));
        json.WriteStartObject("memoryPolicy"u8);
        WriteList(json, "modes"u8, s_memoryModes);
        WriteList(json, "flags"u8, s_memoryFlags);
        json.WriteEndObject();
    }

    private static readonly IdMapping s_map = new() { ContainerId = 0, HostId = 100000, Size = 1 };

    private static void WriteSeccomp(JsonWriter json)
    {
        bool notifies = Takes(spec => spec.Linux!.Seccomp = new Oci.Seccomp { DefaultAction = "SCMP_ACT_ALLOW", ListenerPath = "/x" });
        json.WriteStartObject("seccomp"u8);
        json.WriteBoolean("enabled"u8, true);
        WriteList(json, "actions"u8, notifies ? [.. s_actions[..6], "SCMP_ACT_NOTIFY", .. s_actions[6..]] : s_actions);
        WriteList(json, "operators"u8, s_operators);
        WriteList(json, "archs"u8, s_archs);
        WriteList(json, "knownFlags"u8, s_flags);
        uint available = Linux.Seccomp.SeccompActions.AvailableFlags();
        List<string> supported = [];
        foreach (string flag in s_flags)
        {
            if ((available & Linux.Seccomp.SeccompNames.ParseFlag(flag)) != 0)
                supported.Add(flag);
        }
        WriteList(json, "supportedFlags"u8, supported);
        json.WriteEndObject();
    }

    private static bool Takes(Action<Spec> change)
    {
        Spec spec = DefaultSpec.Make(rootless: false, 0, 0);
        change(spec);
        try
        {
            SpecValidator.Validate(spec);
            return true;
        }
        catch (ContainerException refused)
        {
            return refused.Kind != ContainerErrorKind.Unsupported;
        }
    }

    private static void WriteEnabled(JsonWriter json, ReadOnlySpan<byte> name, bool enabled)
    {
        json.WriteStartObject(name);
        json.WriteBoolean("enabled"u8, enabled);
        json.WriteEndObject();
    }

    private static void WriteList(JsonWriter json, ReadOnlySpan<byte> name, IReadOnlyList<string> items)
    {
        json.WriteStartArray(name);
        foreach (string item in items)
            json.WriteStringValue(item);
        json.WriteEndArray();
    }
}
