using System.Text.Json;
using Rundlet.Cli.CommandLine;
using Rundlet.Cli.Output;
using Rundlet.Engine;
using Rundlet.Engine.Secrets;
using Rundlet.Linux;

namespace Rundlet.Cli.Commands.Secrets;

internal sealed class SecretInspectCommand : Command
{
    public override string Name => "inspect";

    public override string Usage => "SECRET…";

    public override string Summary => "Print what may be told of secrets, as JSON: never their values.";

    public override IReadOnlyList<Option> Options => [DocumentFormatOption];

    public override int Run(Session session, Arguments arguments)
    {
        DocumentFormat? format = arguments.Value("format") is { } template ? new DocumentFormat(template) : null;
        using ContainerEngine engine = session.OpenEngine();
        List<Action<Utf8JsonWriter>> found = [];
        int code = ForEach(session, arguments, name =>
        {
            SecretRecord secret = engine.Secrets.Get(name);
            found.Add(json => Write(json, secret));
            return null;
        }, "secret");
        DocumentFormat.PrintAll(format, found);
        return code;
    }

    private static void Write(Utf8JsonWriter json, SecretRecord secret)
    {
        json.WriteString("ID"u8, secret.Name);
        json.WriteString("CreatedAt"u8, secret.Created);
        json.WriteStartObject("Spec"u8);
        json.WriteString("Name"u8, secret.Name);
        json.WriteEndObject();
        json.WriteNumber("Size"u8, secret.Size);
    }
}
