namespace Rundlet.Oci;

/// <summary>The system call filter: config-linux.md, Seccomp.</summary>
public static partial class SpecReader
{
    private static Seccomp? ReadSeccompUnlessPassed(ref JsonCursor json)
    {
        if (!json.PassesSeccomp)
            return ReadSeccomp(ref json);
        json.PassUnread();
        return null;
    }

    private static Seccomp ReadSeccomp(ref JsonCursor json)
    {
        var seccomp = new Seccomp { DefaultAction = "" };
        int start = json.Start;
        string? defaultAction = null;
        json.BeginObject();
        while (json.NextMember())
            if (json.Is("defaultAction"u8)) defaultAction = json.String();
            else if (json.Is("defaultErrnoRet"u8)) seccomp.DefaultErrnoRet = json.UInt32();
            else if (json.Is("architectures"u8)) seccomp.Architectures = json.Strings();
            else if (json.Is("flags"u8)) seccomp.Flags = json.Strings();
            else if (json.Is("listenerPath"u8)) seccomp.ListenerPath = json.String();
            else if (json.Is("listenerMetadata"u8)) seccomp.ListenerMetadata = json.String();
            else if (json.Is("syscalls"u8)) seccomp.Syscalls = json.List(ReadSeccompRule);
            else json.Ignore();
        seccomp.DefaultAction = defaultAction ?? throw json.Missing("defaultAction");
        seccomp.Text = json.TextSince(start).ToArray();
        return seccomp;
    }

    private static SeccompRule ReadSeccompRule(ref JsonCursor json)
    {
        List<string>? names = null;
        string? action = null;
        uint? errnoRet = null;
        List<SeccompArg>? args = null;
        json.BeginObject();
        while (json.NextMember())
            if (json.Is("names"u8)) names = json.Strings();
            else if (json.Is("action"u8)) action = json.String();
            else if (json.Is("errnoRet"u8)) errnoRet = json.UInt32();
            else if (json.Is("args"u8)) args = json.List(ReadSeccompArg);
            else json.Ignore();
        return new SeccompRule
        {
            Names = names ?? throw json.Missing("names"),
            Action = action ?? throw json.Missing("action"),
            ErrnoRet = errnoRet,
            Args = args,
        };
    }

    private static SeccompArg ReadSeccompArg(ref JsonCursor json)
    {
        uint? index = null;
        ulong? value = null, valueTwo = null;
        string? op = null;
        json.BeginObject();
        while (json.NextMember())
            if (json.Is("index"u8)) index = json.UInt32();
            else if (json.Is("value"u8)) value = json.UInt64();
            else if (json.Is("valueTwo"u8)) valueTwo = json.UInt64();
            else if (json.Is("op"u8)) op = json.String();
            else json.Ignore();
        return new SeccompArg
        {
            Index = index ?? throw json.Missing("index"),
            Value = value ?? throw json.Missing("value"),
            ValueTwo = valueTwo,
            Op = op ?? throw json.Missing("op"),
        };
    }
}
