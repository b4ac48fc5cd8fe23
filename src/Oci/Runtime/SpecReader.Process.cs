namespace Rundlet.Oci;

/// <summary>The process: config.md, Process.</summary>
public static partial class SpecReader
{
    private static Process ReadProcess(ref JsonCursor json)
    {
        var process = new Process { Cwd = "" };
        string? cwd = null;
        json.BeginObject();
        while (json.NextMember())
            if (json.Is("terminal"u8)) process.Terminal = json.Boolean();
            else if (json.Is("consoleSize"u8)) process.ConsoleSize = ReadConsoleSize(ref json);
            else if (json.Is("user"u8)) process.User = ReadUser(ref json);
            else if (json.Is("args"u8)) process.Args = json.Strings();
            else if (json.Is("env"u8)) process.Env = json.Strings();
            else if (json.Is("cwd"u8)) cwd = json.String();
            else if (json.Is("capabilities"u8)) process.Capabilities = ReadCapabilities(ref json);
            else if (json.Is("rlimits"u8)) process.Rlimits = json.List(ReadRlimit);
            else if (json.Is("noNewPrivileges"u8)) process.NoNewPrivileges = json.Boolean();
            else if (json.Is("apparmorProfile"u8)) process.ApparmorProfile = json.String();
            else if (json.Is("oomScoreAdj"u8)) process.OomScoreAdj = json.Int32();
            else if (json.Is("scheduler"u8)) process.Scheduler = ReadScheduler(ref json);
            else if (json.Is("selinuxLabel"u8)) process.SelinuxLabel = json.String();
            else if (json.Is("ioPriority"u8)) process.IoPriority = ReadIoPriority(ref json);
            else if (json.Is("execCPUAffinity"u8)) process.ExecCpuAffinity = ReadExecCpuAffinity(ref json);
            else json.Ignore();
        process.Cwd = cwd ?? throw json.Missing("cwd");
        return process;
    }

    private static ConsoleSize ReadConsoleSize(ref JsonCursor json)
    {
        uint? height = null, width = null;
        json.BeginObject();
        while (json.NextMember())
            if (json.Is("height"u8)) height = json.UInt32();
            else if (json.Is("width"u8)) width = json.UInt32();
            else json.Ignore();
        return new ConsoleSize { Height = height ?? throw json.Missing("height"), Width = width ?? throw json.Missing("width") };
    }

    private static User ReadUser(ref JsonCursor json)
    {
        var user = new User();
        json.BeginObject();
        while (json.NextMember())
            if (json.Is("uid"u8)) user.Uid = json.UInt32();
            else if (json.Is("gid"u8)) user.Gid = json.UInt32();
            else if (json.Is("umask"u8)) user.Umask = json.UInt32();
            else if (json.Is("additionalGids"u8)) user.AdditionalGids = json.List((ref JsonCursor gid) => gid.UInt32());
            else json.Ignore();
        return user;
    }

    private static Capabilities ReadCapabilities(ref JsonCursor json)
    {
        var capabilities = new Capabilities();
        json.BeginObject();
        while (json.NextMember())
            if (json.Is("bounding"u8)) capabilities.Bounding = json.Strings();
            else if (json.Is("effective"u8)) capabilities.Effective = json.Strings();
            else if (json.Is("inheritable"u8)) capabilities.Inheritable = json.Strings();
            else if (json.Is("permitted"u8)) capabilities.Permitted = json.Strings();
            else if (json.Is("ambient"u8)) capabilities.Ambient = json.Strings();
            else json.Ignore();
        return capabilities;
    }

    private static Rlimit ReadRlimit(ref JsonCursor json)
    {
        string? type = null;
        ulong? soft = null, hard = null;
        json.BeginObject();
        while (json.NextMember())
            if (json.Is("type"u8)) type = json.String();
            else if (json.Is("hard"u8)) hard = json.UInt64();
            else if (json.Is("soft"u8)) soft = json.UInt64();
            else json.Ignore();
        return new Rlimit
        {
            Type = type ?? throw json.Missing("type"),
            Soft = soft ?? throw json.Missing("soft"),
            Hard = hard ?? throw json.Missing("hard"),
        };
    }

    private static Scheduler ReadScheduler(ref JsonCursor json)
    {
        var scheduler = new Scheduler { Policy = "" };
        string? policy = null;
        json.BeginObject();
        while (json.NextMember())
            if (json.Is("policy"u8)) policy = json.String();
            else if (json.Is("nice"u8)) scheduler.Nice = json.Int32();
            else if (json.Is("priority"u8)) scheduler.Priority = json.Int32();
            else if (json.Is("flags"u8)) scheduler.Flags = json.Strings();
            else if (json.Is("runtime"u8)) scheduler.Runtime = json.UInt64();
            else if (json.Is("deadline"u8)) scheduler.Deadline = json.UInt64();
            else if (json.Is("period"u8)) scheduler.Period = json.UInt64();
            else json.Ignore();
        scheduler.Policy = policy ?? throw json.Missing("policy");
        return scheduler;
    }

    private static IoPriority ReadIoPriority(ref JsonCursor json)
    {
        string? name = null;
        int priority = 0;
        json.BeginObject();
        while (json.NextMember())
            if (json.Is("class"u8)) name = json.String();
            else if (json.Is("priority"u8)) priority = json.Int32();
            else json.Ignore();
        return new IoPriority { Class = name ?? throw json.Missing("class"), Priority = priority };
    }

    private static ExecCpuAffinity ReadExecCpuAffinity(ref JsonCursor json)
    {
        var affinity = new ExecCpuAffinity();
        json.BeginObject();
        while (json.NextMember())
            if (json.Is("initial"u8)) affinity.Initial = json.String();
            else if (json.Is("final"u8)) affinity.Final = json.String();
            else json.Ignore();
        return affinity;
    }
}
