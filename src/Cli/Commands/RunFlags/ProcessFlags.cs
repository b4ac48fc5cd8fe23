using Rundlet.Cli.CommandLine;
using Rundlet.Engine.Options;

namespace Rundlet.Cli.Commands.RunFlags;

/// <summary>The program: what it is, as whom and where it runs, how it is told to end.</summary>
internal static class ProcessFlags
{
    /// <summary>The flags.</summary>
    public static IEnumerable<Option> All { get; } = Option.Under(
        "Program",
        new("interactive", 'i', null, "keep standard input open"),
        new("tty", 't', null, "give it a terminal"),
        new("entrypoint", null, "PROGRAM", "run this in place of the image's program"),
        new("env", 'e', "NAME[=VALUE]", "set a variable; without a value, take yours"),
        new("env-file", null, "FILE", "set the variables in a file"),
        new("unsetenv", null, "NAME", "leave out a variable of the image"),
        new("workdir", 'w', "FOLDER", "start in this folder"),
        new("user", 'u', "USER[:GROUP]", "run as this user, by name or number"),
        new("group-add", null, "GROUP", "add a group, by name or number"),
        new("hostname", 'h', "NAME", "host name (default: the short id)"),
        new("domainname", null, "NAME", "NIS domain name"),
        new("init", null, null, "start the program beneath a small first process that passes signals on and reaps orphans"),
        new("systemd", null, "true|false|always", "set it up for systemd as the first process (default true: where the program is systemd or init)"),
        new("stop-signal", null, "SIGNAL", "signal of 'stop' (default: the image's, or SIGTERM)"),
        new("stop-timeout", null, "SECONDS", "how long 'stop' waits before it kills (default 10)"));

    /// <summary>The options with what the flags say.</summary>
    /// <exception cref="Linux.ContainerException">InvalidArgument: one of them is wrong.</exception>
    public static ContainerOptions Apply(Arguments arguments, ContainerOptions options) => options with
    {
        OpenStdin = arguments.Has("interactive"),
        Terminal = arguments.Has("tty"),
        Entrypoint = arguments.Value("entrypoint") is { } program ? program.Length == 0 ? [] : [program] : null,
        Environment = Environment(arguments),
        UnsetEnvironment = arguments.Values("unsetenv"),
        WorkingFolder = arguments.Value("workdir"),
        User = arguments.Value("user"),
        Groups = arguments.Values("group-add"),
        Hostname = arguments.Value("hostname"),
        Domainname = arguments.Value("domainname"),
        Init = arguments.Has("init"),
        Systemd = arguments.Value("systemd"),
        StopSignal = arguments.Value("stop-signal"),
        StopTimeout = (int)(arguments.Number("stop-timeout", -1, int.MaxValue / 1000) ?? 10),
    };

    /// <summary>Variables of <c>--env-file</c> and <c>--env</c>, which wins.</summary>
    /// <exception cref="Linux.ContainerException">InvalidArgument: one of them is wrong.</exception>
    public static List<string> Environment(Arguments arguments) => EnvironmentOption.Merge(
        arguments.Values("env-file").SelectMany(EnvironmentOption.ReadFile), arguments.Values("env").Select(EnvironmentOption.Parse).OfType<string>());
}
