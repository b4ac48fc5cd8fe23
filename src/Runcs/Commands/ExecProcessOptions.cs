using Rundlet.Linux;
using Rundlet.Oci;
using Rundlet.Runcs.CommandLine;
using Rundlet.Syscalls;

namespace Rundlet.Runcs.Commands;

/// <summary>The process of <c>exec</c>: from <c>--process</c>, or the container's own with what the flags change.</summary>
internal static class ExecProcessOptions
{
    /// <summary>Reads it.</summary>
    /// <exception cref="ContainerException">A flag is wrong.</exception>
    /// <exception cref="SpecFormatException">The file is.</exception>
    public static Process Read(Arguments arguments, Spec spec)
    {
        if (arguments.Value("process") is { } file)
        {
            using OwnedFd fd = FileIo.Open(Sys.AT_FDCWD, file, O.RDONLY);
            return WithInherited(SpecReader.ReadProcess(FileIo.ReadAll(fd.Value, file, SpecReader.MaxBytes)), spec.Process);
        }
        if (arguments.Words.Count < 2)
            throw new ContainerException(ContainerErrorKind.InvalidArgument, "exec needs a command, or --process");
        Process own = spec.Process ?? new Process { Cwd = "/" };
        Process process = new()
        {
            Args = arguments.Words[1..],
            Cwd = arguments.Value("cwd") ?? own.Cwd,
            Env = WithReplaced(own.Env ?? [], arguments.Values("env")),
            Terminal = arguments.Has("tty"),
            User = UserOf(arguments, own.User),
            Capabilities = WithAdded(own.Capabilities, arguments.Values("cap")),
            NoNewPrivileges = arguments.Has("no-new-privs") || own.NoNewPrivileges,
            ApparmorProfile = arguments.Value("apparmor") ?? own.ApparmorProfile,
            SelinuxLabel = arguments.Value("process-label") ?? own.SelinuxLabel,
            Rlimits = own.Rlimits,
            OomScoreAdj = own.OomScoreAdj,
            Scheduler = own.Scheduler,
            IoPriority = own.IoPriority,
            ExecCpuAffinity = own.ExecCpuAffinity,
        };
        return process;
    }

    // What a file leaves out is the container's, as with runc and crun: a process without a profile would be the only one there without.
    private static Process WithInherited(Process process, Process? own)
    {
        process.Capabilities ??= own?.Capabilities;
        process.ApparmorProfile = process.ApparmorProfile is { Length: > 0 } profile ? profile : own?.ApparmorProfile;
        process.SelinuxLabel = process.SelinuxLabel is { Length: > 0 } label ? label : own?.SelinuxLabel;
        process.OomScoreAdj ??= own?.OomScoreAdj;
        return process;
    }

    // getenv(3) takes the first of two variables of one name: one that is given anew has to take its place.
    private static List<string> WithReplaced(List<string> own, IReadOnlyList<string> given)
    {
        List<string> all = [.. own];
        foreach (string variable in given)
        {
            int equals = variable.IndexOf('=');
            string name = equals < 0 ? variable : variable[..(equals + 1)];
            int at = all.FindIndex(item => item.StartsWith(name, StringComparison.Ordinal));
            if (at < 0)
                all.Add(variable);
            else
                all[at] = variable;
        }
        return all;
    }

    private static User UserOf(Arguments arguments, User own)
    {
        User user = new() { Uid = own.Uid, Gid = own.Gid, Umask = own.Umask, AdditionalGids = own.AdditionalGids };
        if (arguments.Value("user") is { } text)
        {
            string[] parts = text.Split(':');
            if (parts.Length > 2)
                throw new ContainerException(ContainerErrorKind.InvalidArgument, $"--user: '{text}' is not UID[:GID]");
            user.Uid = IdOf(parts[0], "--user");
            user.Gid = parts.Length == 2 ? IdOf(parts[1], "--user") : user.Gid;
        }
        if (arguments.Values("additional-gids") is { Count: > 0 } groups)
        {
            user.AdditionalGids = [.. own.AdditionalGids ?? []];
            foreach (string group in groups)
            {
                foreach (string one in group.Split(','))
                    user.AdditionalGids.Add(IdOf(one, "--additional-gids"));
            }
        }
        return user;
    }

    // Numbers only, and never one that wraps (CVE-2026-30892, CVE-2024-40635).
    private static uint IdOf(string text, string flag) => uint.TryParse(text, System.Globalization.NumberStyles.None, null, out uint id) && id != uint.MaxValue
        ? id
        : throw new ContainerException(ContainerErrorKind.InvalidArgument, $"{flag}: '{text}' is not an id from 0 to 4294967294");

    private static Capabilities? WithAdded(Capabilities? own, IReadOnlyList<string> added)
    {
        if (added.Count == 0)
            return own;
        return new Capabilities
        {
            Bounding = [.. own?.Bounding ?? [], .. added],
            Effective = [.. own?.Effective ?? [], .. added],
            Permitted = [.. own?.Permitted ?? [], .. added],
            Inheritable = own?.Inheritable,
            Ambient = own?.Ambient,
        };
    }
}
