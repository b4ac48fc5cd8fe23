using Microsoft.Win32.SafeHandles;
using Rundlet.Cli.CommandLine;
using Rundlet.Engine;
using Rundlet.Engine.Operations;
using Rundlet.Linux;

namespace Rundlet.Cli.Commands;

internal sealed class ImportCommand : Command
{
    public override string Name => "import";

    public override string Usage => "TAR|- NAME";

    public override string Summary => "Make an image of a root file system: tar, tar.gz or tar.zst; - is standard input.";

    public override string Group => "Images";

    public override IReadOnlyList<string> Examples => ["mmdebstrap --variant=minbase bookworm - | rundlet import - debian:bookworm"];

    public override int Run(Session session, Arguments arguments)
    {
        if (arguments.Words.Count != 2)
            throw Wants(arguments, "an archive and a name");
        using ContainerEngine engine = session.OpenEngine();
        using Stream archive = Open(arguments.Words[0]);
        Out.Line(ImportImage.Run(engine, archive, arguments.Words[1]));
        return 0;
    }

    private static FileStream Open(string path)
    {
        if (path == "-")
            return new FileStream(new SafeFileHandle(0, ownsHandle: false), FileAccess.Read, bufferSize: 0);
        try
        {
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.SequentialScan);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new ContainerException(ContainerErrorKind.NotFound, $"no such file '{path}'");
        }
        catch (UnauthorizedAccessException)
        {
            throw new ContainerException(ContainerErrorKind.InvalidArgument, $"'{path}' is not a file that can be read");
        }
    }
}
