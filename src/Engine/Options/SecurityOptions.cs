using Rundlet.Linux;

namespace Rundlet.Engine.Options;

/// <summary>What a container may do beyond, or less than, the default.</summary>
public sealed record SecurityOptions
{
    /// <summary>Nearly everything that root may: all capabilities and devices, nothing masked, no system call filter.</summary>
    public bool Privileged { get; init; }

    /// <summary>Capabilities to add, with or without <c>CAP_</c>, or <c>ALL</c>.</summary>
    public IReadOnlyList<string> CapAdd { get; init; } = [];

    /// <summary>Capabilities to drop, with or without <c>CAP_</c>, or <c>ALL</c>.</summary>
    public IReadOnlyList<string> CapDrop { get; init; } = [];

    /// <summary>Whether set-user-id programs give no rights.</summary>
    public bool NoNewPrivileges { get; init; }

    /// <summary>The document of a system call filter in the specification's form, <c>unconfined</c>, or null for the default one.</summary>
    public string? Seccomp { get; init; }

    /// <summary>The AppArmor profile; null for none.</summary>
    public string? Apparmor { get; init; }

    /// <summary>Adds the values of <c>--security-opt</c>. Files they name are read now: later ones of that name are others.</summary>
    /// <exception cref="ContainerException">InvalidArgument or Unsupported.</exception>
    public SecurityOptions With(IReadOnlyList<string> values)
    {
        SecurityOptions result = this;
        foreach (string value in values)
        {
            int at = value.AsSpan().IndexOfAny('=', ':');
            (string key, string argument) = at < 0 ? (value, "") : (value[..at], value[(at + 1)..]);
            result = key switch
            {
                "no-new-privileges" => result with { NoNewPrivileges = argument is "" or "true" },
                "seccomp" => result with { Seccomp = argument == "unconfined" ? argument : ReadProfile(argument) },
                "apparmor" => result with { Apparmor = ApparmorProfile(argument) },
                "label" when argument == "disable" => result,
                "label" when !Directory.Exists("/sys/fs/selinux") => throw new ContainerException(
                    ContainerErrorKind.Unsupported, $"security option '{value}': this machine does not run SELinux"),
                "label" => throw new ContainerException(ContainerErrorKind.Unsupported, $"security option '{value}': SELinux labels are not supported yet"),
                _ => throw new ContainerException(ContainerErrorKind.InvalidArgument, $"unknown security option '{value}'")
                {
                    Hint = "known: seccomp=FILE, seccomp=unconfined, apparmor=PROFILE, no-new-privileges, label=…",
                },
            };
        }
        return result;
    }

    private static string ReadProfile(string path) =>
        FileIo.TryReadText(path) ?? throw new ContainerException(ContainerErrorKind.NotFound, $"seccomp profile '{path}': no such file");

    private static string? ApparmorProfile(string profile)
    {
        if (profile == "unconfined")
            return null;
        return Directory.Exists("/sys/kernel/security/apparmor")
            ? profile
            : throw new ContainerException(ContainerErrorKind.Unsupported, $"security option 'apparmor={profile}': this machine does not run AppArmor");
    }
}
