using Rundlet.Cli.CommandLine;
using Rundlet.Cli.Output;
using Rundlet.Engine;
using Rundlet.Engine.Secrets;

namespace Rundlet.Cli.Commands.Secrets;

internal sealed class SecretListCommand : Command
{
    public override string Name => "ls";

    public override string Usage => "";

    public override string Summary => "List secrets.";

    public override IReadOnlyList<Option> Options => [new("quiet", 'q', null, "names only"), FormatOption];

    public override int Run(Session session, Arguments arguments)
    {
        RefuseWords(arguments);
        using ContainerEngine engine = session.OpenEngine();
        Out.Text(Listing().Print(engine.Secrets.List(), arguments.Value("format") ?? (arguments.Has("quiet") ? "{{.Name}}" : null)));
        return 0;
    }

    private static Listing<SecretRecord> Listing()
    {
        DateTimeOffset now = DateTimeOffset.UtcNow;
        return new(
            ["Name", "Driver", "CreatedAt", "Size"],
            new("Name", "NAME", secret => secret.Name),
            new("Driver", "DRIVER", _ => "file"),
            new("CreatedAt", "CREATED", secret => Human.Ago(secret.Created, now)),
            new("Size", "SIZE", secret => Human.Decimal((ulong)secret.Size)));
    }
}
