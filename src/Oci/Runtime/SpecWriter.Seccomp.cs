namespace Rundlet.Oci;

/// <summary>The system call filter: config-linux.md, Seccomp.</summary>
public static partial class SpecWriter
{
    /// <summary>What a seccomp listener gets along with its fd, in UTF-8.</summary>
    public static byte[] ToBytes(ContainerProcessState state) => ToBytes(state, WriteProcessState, indented: false);

    private static void WriteProcessState(JsonWriter json, ContainerProcessState state)
    {
        json.Member("ociVersion"u8, state.OciVersion);
        json.Member("fds"u8, state.Fds);
        json.Member("pid"u8, state.Pid);
        json.Member("metadata"u8, state.Metadata);
        json.Member("state"u8, state.State, WriteState);
    }

    private static void WriteSeccomp(JsonWriter json, Seccomp seccomp)
    {
        json.Member("defaultAction"u8, seccomp.DefaultAction);
        json.Member("defaultErrnoRet"u8, seccomp.DefaultErrnoRet);
        json.Member("architectures"u8, seccomp.Architectures);
        json.Member("flags"u8, seccomp.Flags);
        json.Member("listenerPath"u8, seccomp.ListenerPath);
        json.Member("listenerMetadata"u8, seccomp.ListenerMetadata);
        json.Member("syscalls"u8, seccomp.Syscalls, WriteSeccompRule);
    }

    private static void WriteSeccompRule(JsonWriter json, SeccompRule rule)
    {
        json.Member("names"u8, rule.Names);
        json.Member("action"u8, rule.Action);
        json.Member("errnoRet"u8, rule.ErrnoRet);
        json.Member("args"u8, rule.Args, WriteSeccompArg);
    }

    private static void WriteSeccompArg(JsonWriter json, SeccompArg arg)
    {
        json.Member("index"u8, arg.Index);
        json.Member("value"u8, arg.Value);
        json.Member("valueTwo"u8, arg.ValueTwo);
        json.Member("op"u8, arg.Op);
    }
}
