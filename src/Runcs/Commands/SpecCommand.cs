using Rundlet.Linux;
using Rundlet.Oci;
using Rundlet.Runcs.CommandLine;
using Rundlet.Runtime;
using Rundlet.Syscalls;

namespace Rundlet.Runcs.Commands;

/// <summary><c>runcs spec</c>.</summary>
internal sealed class SpecCommand : Command
{
    public override string Name => "spec";

    public override string Usage => "";

    public override string Summary => "write a config.json to start from";

    public override IReadOnlyList<Option> Options =>
    [
        new("bundle", 'b', "DIR", "folder of the bundle (default the current one)"),
        new("file", 'f', "FILE", "name of the file (default config.json)"),
        new("rootless", null, null, "for a caller who is not root"),
    ];

    public override int Run(GlobalOptions global, Arguments arguments)
    {
        string bundle = Path.GetFullPath(arguments.Value("bundle") ?? ".");
        string file = Path.GetFullPath(arguments.Value("file") ?? "config.json", bundle);
        byte[] text = SpecWriter.ToBytes(DefaultSpec.Make(arguments.Has("rootless"), Sys.geteuid(), Sys.getegid()), indented: true);
        int fd = Sys.openat(Sys.AT_FDCWD, file, O.WRONLY | O.CREAT | O.EXCL, 0x1B6 /* 0666 */);
        if (Sys.Is(fd, Errno.EEXIST))
            throw new ContainerException(ContainerErrorKind.AlreadyExists, $"spec '{file}' exists") { Hint = "remove it first" };
        using OwnedFd owned = OwnedFd.FromAnswer(fd, "create", file);
        FileIo.WriteAll(owned.Value, [.. text, (byte)'\n'], file);
        return 0;
    }
}
