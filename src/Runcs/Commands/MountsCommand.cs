using Rundlet.Linux;
using Rundlet.Oci;
using Rundlet.Runcs.CommandLine;
using Rundlet.Runtime;
using Rundlet.Syscalls;

namespace Rundlet.Runcs.Commands;

/// <summary><c>runcs mounts</c>: mounts in a container that lives, as crun has it.</summary>
internal sealed class MountsCommand : Command
{
    public override string Name => "mounts";

    public override string Usage => "add|remove ID FILE";

    public override string Summary => "mount or unmount in a living container what FILE (- for stdin) lists as in config.json";

    public override int Run(GlobalOptions global, Arguments arguments)
    {
        if (arguments.Words.Count != 3)
            throw Invalid($"mounts needs three arguments: {Usage}");
        List<Mount> mounts = Read(arguments.Words[2]);
        switch (arguments.Words[0])
        {
            case "add":
                AddMounts.Run(global.Store, arguments.Words[1], mounts);
                return 0;
            case "remove":
                RemoveMounts.Run(global.Store, arguments.Words[1], mounts);
                return 0;
            default:
                throw Invalid($"mounts can add or remove, not '{arguments.Words[0]}'");
        }
    }

    private static List<Mount> Read(string file)
    {
        try
        {
            if (file == "-")
                return SpecReader.ReadMounts(FileIo.ReadAll(0, "stdin", SpecReader.MaxBytes));
            using OwnedFd fd = FileIo.Open(Sys.AT_FDCWD, file, O.RDONLY);
            return SpecReader.ReadMounts(FileIo.ReadAll(fd.Value, file, SpecReader.MaxBytes));
        }
        catch (SpecFormatException wrong)
        {
            throw new ContainerException(ContainerErrorKind.InvalidArgument, $"mounts file '{file}'", wrong);
        }
    }

    private static ContainerException Invalid(string message) => new(ContainerErrorKind.InvalidArgument, message);
}
