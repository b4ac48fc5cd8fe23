using Rundlet.Runcs.CommandLine;
using Rundlet.Runtime;

namespace Rundlet.Runcs.Commands;

/// <summary><c>runcs features</c>.</summary>
internal sealed class FeaturesCommand : Command
{
    public override string Name => "features";

    public override string Usage => "";

    public override string Summary => "print what this runtime can do as JSON";

    public override int Run(GlobalOptions global, Arguments arguments)
    {
        if (arguments.Words.Count > 0)
            throw new Linux.ContainerException(Linux.ContainerErrorKind.InvalidArgument, "features takes no arguments");
        Output.Write(RuntimeFeatures.ToBytes(Syscalls.ProductVersion.Text));
        return 0;
    }
}
