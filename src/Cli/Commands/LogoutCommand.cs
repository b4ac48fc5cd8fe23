using Rundlet.Cli.CommandLine;
using Rundlet.Engine.Operations;
using Rundlet.Images.Registry.Credentials;

namespace Rundlet.Cli.Commands;

internal sealed class LogoutCommand : Command
{
    public override string Name => "logout";

    public override string Usage => "[REGISTRY]";

    public override string Summary => "Log out of a registry; without one of Docker's.";

    public override string Group => "Registries";

    public override int Run(Session session, Arguments arguments)
    {
        if (arguments.Words.Count > 1)
            throw Wants(arguments, "at most one registry");
        string registry = RegistryLogin.RegistryOf(arguments.Words.Count > 0 ? arguments.Words[0] : null);
        bool was = RegistryLogin.Logout(CredentialStore.FromEnvironment(Environment.GetEnvironmentVariable), registry);
        Out.Line(was ? $"Removed the login to {registry}" : $"Not logged in to {registry}");
        return 0;
    }
}
