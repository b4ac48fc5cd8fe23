using Rundlet.Linux;
using Rundlet.Oci;
using Rundlet.Syscalls;

namespace Rundlet.Runtime;

public sealed partial class ExternalRuntime
{
    /// <summary>Changes the limits of a running container. For processes of several threads, as the next one is.</summary>
    /// <exception cref="ContainerException">What the runtime says.</exception>
    public void Update(Resources resources)
    {
        const string FileName = "resources.json";
        using OwnedFd folder = FileIo.Open(Sys.AT_FDCWD, _folder, O.RDONLY | O.DIRECTORY);
        FileIo.Replace(folder.Value, FileName, SpecWriter.ToBytes(resources), PrivateFile, durable: false);
        try
        {
            RunElsewhere("update", ["--resources", $"{_folder}/{FileName}", _id]);
        }
        finally
        {
            _ = Sys.unlinkat(folder.Value, FileName, 0); // ignored: the next one replaces it
        }
    }

    /// <summary>As <see cref="Delete"/>, when the supervisor was killed.</summary>
    /// <exception cref="ContainerException">What the runtime says.</exception>
    public void DeleteElsewhere()
    {
        if (Sys.faccessat2(Sys.AT_FDCWD, StateFolder, 0, 0) == 0)
            RunElsewhere("delete", ["--force", _id]);
    }

    private void RunElsewhere(string command, string[] arguments)
    {
        RuntimeProgram.Require(_program);
        _ = Sys.unlinkat(Sys.AT_FDCWD, LogPath, 0); // ignored: absent as a rule; an older error of it would be told at worst
        (int status, string error) = HelperProgram.Run(_program, Words(command, arguments), Environment, []);
        if (status != 0)
            throw RuntimeLog.FailureOf(Name, command, RuntimeLog.LastErrorIn(LogPath) ?? error, null);
    }
}
