using Rundlet.Cli.CommandLine;
using Rundlet.Engine;

namespace Rundlet.Cli.Commands.Secrets;

internal sealed class SecretRemoveCommand : Command
{
    public override string Name => "rm";

    public override string Usage => "SECRET…";

    public override string Summary => "Forget secrets; containers that run keep what they got.";

    public override int Run(Session session, Arguments arguments)
    {
        using ContainerEngine engine = session.OpenEngine();
        return ForEach(session, arguments, name =>
        {
            engine.Secrets.Remove(name);
            return name;
        }, "secret");
    }
}
