using System.Text;
using Rundlet.Cli.CommandLine;
using Rundlet.Cli.Files;
using Rundlet.Engine;
using Rundlet.Engine.Secrets;
using Rundlet.Linux;

namespace Rundlet.Cli.Commands.Secrets;

internal sealed class SecretCreateCommand : Command
{
    public override string Name => "create";

    public override string Usage => "NAME FILE|-";

    public override string Summary => "Keep what is in a file, or on standard input, as a secret for containers.";

    public override IReadOnlyList<Option> Options =>
    [
        new("env", null, null, "FILE is the name of a variable of yours"),
        new("replace", null, null, "take the place of a secret of this name"),
    ];

    public override IReadOnlyList<string> Examples => ["rundlet secret create password ./password.txt", "rundlet run --secret password IMAGE cat /run/secrets/password"];

    public override int Run(Session session, Arguments arguments)
    {
        if (arguments.Words.Count != 2)
            throw Wants(arguments, "a name and a file");
        (string name, string source) = (arguments.Words[0], arguments.Words[1]);
        byte[] value = arguments.Has("env") ? OfVariable(source) : OfFile(source);
        using ContainerEngine engine = session.OpenEngine();
        engine.Secrets.Create(name, value, arguments.Has("replace"));
        Out.Line(name);
        return 0;
    }

    private static byte[] OfVariable(string name) => Environment.GetEnvironmentVariable(name) is { } value
        ? Encoding.UTF8.GetBytes(value)
        : throw new ContainerException(ContainerErrorKind.NotFound, $"there is no variable '{name}'");

    // One byte more than may be: the store says that it is too long.
    private static byte[] OfFile(string path)
    {
        using InputFile file = InputFile.Open(path == "-" ? null : path, "name a file", CancellationToken.None);
        byte[] value = new byte[SecretStore.MaxBytes + 1];
        return value[..file.ReadAtLeast(value, value.Length, throwOnEndOfStream: false)];
    }
}
