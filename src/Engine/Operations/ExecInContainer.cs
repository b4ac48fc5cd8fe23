using System.Text;
using Rundlet.Engine.Images;
using Rundlet.Engine.Options;
using Rundlet.Engine.Specs;
using Rundlet.Engine.State;
using Rundlet.Linux;
using Rundlet.Linux.Capabilities;
using Rundlet.Oci;
using Rundlet.Runtime.Supervision;

namespace Rundlet.Engine.Operations;

/// <summary>Starts a further process in a running container.</summary>
public static class ExecInContainer
{
    /// <summary>Starts it; <see cref="SupervisorConnection.WaitExit"/> then gives its end.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="record">The container.</param>
    /// <param name="supervisor">A connection that is used for nothing else.</param>
    /// <param name="options">What the user wants.</param>
    /// <param name="stdio">Three fds that become its own; empty with a terminal, or detached.</param>
    /// <exception cref="ContainerException">It could not be started.</exception>
    public static ExecReply Run(ContainerEngine engine, ContainerRecord record, SupervisorConnection supervisor, ExecOptions options, ReadOnlySpan<int> stdio) =>
        supervisor.Exec(BuildProcess(engine, record, options), stdio, options.Detach);

    private static Process BuildProcess(ContainerEngine engine, ContainerRecord record, ExecOptions options)
    {
        Process own = InspectContainer.SpecOf(engine, record, withSeccomp: false).Process!;
        Process process = new()
        {
            Terminal = options.Terminal,
            Args = [.. options.Command],
            Cwd = WorkingFolder(options.WorkingFolder) ?? own.Cwd,
            User = own.User,
            Capabilities = own.Capabilities,
            Rlimits = own.Rlimits,
            NoNewPrivileges = own.NoNewPrivileges,
            ApparmorProfile = own.ApparmorProfile,
            SelinuxLabel = own.SelinuxLabel,
            OomScoreAdj = own.OomScoreAdj,
        };
        List<string> added = [.. options.Environment];
        if (options.User is { } user)
        {
            ContainerUser found = ImageCatalog.LookUpUser(engine.StandingOf(record), user);
            process.User = found.User;
            added.Insert(0, $"HOME={found.Home}");
        }
        if (options.Terminal)
            added.Insert(0, "TERM=xterm");
        if (options.Privileged)
            process.Capabilities = DefaultCapabilities.ToSpec(OwnCapabilities.Read().Bounding.Intersect(CapabilitySet.AllKnown));
        process.Env = EnvironmentOption.Merge(own.Env ?? [], added);
        return process;
    }

    private static string? WorkingFolder(string? folder) => folder is null || folder.StartsWith('/')
        ? folder
        : throw new ContainerException(ContainerErrorKind.InvalidArgument, $"working directory '{folder}' is not absolute");
}
