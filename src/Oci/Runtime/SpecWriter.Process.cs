namespace Rundlet.Oci;

/// <summary>The process: config.md, Process.</summary>
public static partial class SpecWriter
{
    private static void WriteProcess(JsonWriter json, Process process)
    {
        json.MemberIfTrue("terminal"u8, process.Terminal);
        json.Member("consoleSize"u8, process.ConsoleSize, WriteConsoleSize);
        json.Member("user"u8, process.User, WriteUser);
        json.Member("args"u8, process.Args);
        json.Member("env"u8, process.Env);
        json.Member("cwd"u8, process.Cwd);
        json.Member("capabilities"u8, process.Capabilities, WriteCapabilities);
        json.Member("rlimits"u8, process.Rlimits, WriteRlimit);
        json.MemberIfTrue("noNewPrivileges"u8, process.NoNewPrivileges);
        json.Member("apparmorProfile"u8, process.ApparmorProfile);
        json.Member("oomScoreAdj"u8, process.OomScoreAdj);
        json.Member("scheduler"u8, process.Scheduler, WriteScheduler);
        json.Member("selinuxLabel"u8, process.SelinuxLabel);
        json.Member("ioPriority"u8, process.IoPriority, WriteIoPriority);
        json.Member("execCPUAffinity"u8, process.ExecCpuAffinity, WriteExecCpuAffinity);
    }

    private static void WriteConsoleSize(JsonWriter json, ConsoleSize size)
    {
        json.Member("height"u8, size.Height);
        json.Member("width"u8, size.Width);
    }

    private static void WriteUser(JsonWriter json, User user)
    {
        json.Member("uid"u8, user.Uid);
        json.Member("gid"u8, user.Gid);
        json.Member("umask"u8, user.Umask);
        json.Member("additionalGids"u8, user.AdditionalGids);
    }

    private static void WriteCapabilities(JsonWriter json, Capabilities capabilities)
    {
        json.Member("bounding"u8, capabilities.Bounding);
        json.Member("effective"u8, capabilities.Effective);
        json.Member("inheritable"u8, capabilities.Inheritable);
        json.Member("permitted"u8, capabilities.Permitted);
        json.Member("ambient"u8, capabilities.Ambient);
    }

    private static void WriteRlimit(JsonWriter json, Rlimit rlimit)
    {
        json.Member("type"u8, rlimit.Type);
        json.Member("hard"u8, rlimit.Hard);
        json.Member("soft"u8, rlimit.Soft);
    }

    private static void WriteScheduler(JsonWriter json, Scheduler scheduler)
    {
        json.Member("policy"u8, scheduler.Policy);
        json.Member("nice"u8, scheduler.Nice);
        json.Member("priority"u8, scheduler.Priority);
        json.Member("flags"u8, scheduler.Flags);
        json.Member("runtime"u8, scheduler.Runtime);
        json.Member("deadline"u8, scheduler.Deadline);
        json.Member("period"u8, scheduler.Period);
    }

    private static void WriteIoPriority(JsonWriter json, IoPriority priority)
    {
        json.Member("class"u8, priority.Class);
        json.Member("priority"u8, priority.Priority);
    }

    private static void WriteExecCpuAffinity(JsonWriter json, ExecCpuAffinity affinity)
    {
        json.Member("initial"u8, affinity.Initial);
        json.Member("final"u8, affinity.Final);
    }
}
