using System.Text;
using Rundlet.Cli.CommandLine;
using Rundlet.Cli.Terminal;
using Rundlet.Engine.Operations;
using Rundlet.Images.Registry;
using Rundlet.Images.Registry.Credentials;
using Rundlet.Linux;

namespace Rundlet.Cli.Commands;

internal sealed class LoginCommand : Command
{
    private const int StandardInput = 0, MaxPassword = 64 << 10;

    public override string Name => "login";

    public override string Usage => "[REGISTRY]";

    public override string Summary => "Log in to a registry; without one to Docker's.";

    public override string Group => "Registries";

    public override IReadOnlyList<Option> Options =>
    [
        new("username", 'u', "NAME", "user; asked for without it"),
        new("password-stdin", null, null, "read the password from standard input"),
        new("password", 'p', "PASSWORD", "the password; everybody on this machine can see it there"),
    ];

    public override IReadOnlyList<string> Examples => ["rundlet login registry.example.com:5000", "pass show registry | rundlet login -u ann --password-stdin registry.example.com:5000"];

    public override int Run(Session session, Arguments arguments)
    {
        if (arguments.Words.Count > 1)
            throw Wants(arguments, "at most one registry");
        string registry = RegistryLogin.RegistryOf(arguments.Words.Count > 0 ? arguments.Words[0] : null);
        var options = RegistryOptions.FromEnvironment(Environment.GetEnvironmentVariable);
        var store = CredentialStore.FromEnvironment(Environment.GetEnvironmentVariable);
        RegistryCredential credential = Ask(arguments);
        string? readable = Interrupt.Run($"login to '{registry}'", null, cancel => RegistryLogin.Login(options, store, registry, credential, cancel));
        if (readable is not null)
            Out.Error($"the password is readable in '{readable}' for who may read that file; a credential helper would hide it (\"credsStore\")");
        Out.Line("Login Succeeded");
        return 0;
    }

    private static RegistryCredential Ask(Arguments arguments)
    {
        string? user = arguments.Value("username");
        bool fromInput = arguments.Has("password-stdin");
        if (fromInput && (user is null || arguments.Value("password") is not null))
        {
            throw new ContainerException(ContainerErrorKind.InvalidArgument, user is null ? "--password-stdin needs --username" : "--password-stdin and --password exclude each other");
        }
        user ??= Prompt.Line("Username", "--username");
        if (arguments.Value("password") is not null)
            Out.Error("a password on the command line is seen by everybody on this machine; use --password-stdin");
        string password = fromInput ? ReadPassword() : arguments.Value("password") ?? Prompt.Hidden("Password", "--password-stdin");
        if (user.Length == 0 || password.Length == 0)
            throw new ContainerException(ContainerErrorKind.InvalidArgument, user.Length == 0 ? "no user was given" : "no password was given");
        if (user.Contains(':'))
            throw new ContainerException(ContainerErrorKind.InvalidArgument, $"invalid user '{user}': a name has no colon");
        return new RegistryCredential { User = user, Password = password };
    }

    private static string ReadPassword() =>
        Encoding.UTF8.GetString(FileIo.ReadAll(StandardInput, "standard input", MaxPassword)).TrimEnd('\n', '\r');
}
