using Rundlet.Images.Copies;
using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Engine.Copies;

/// <summary>The files of this machine, which whoever calls may have.</summary>
internal static class LocalRoot
{
    public static OwnedFd Open() => FileIo.Open(Sys.AT_FDCWD, "/", O.PATH | O.DIRECTORY);

    public static FileRoot Of(OwnedFd root) => new(root.Value, "this machine");
}
