using Rundlet.Linux;
using Rundlet.Linux.Cgroups;
using Rundlet.Oci;
using Rundlet.Syscalls;

namespace Rundlet.Runtime;

public sealed partial class ExternalRuntime
{
    private const string ProcessName = "process.json";

    /// <summary>Starts one more process in the running container; a child of the caller.</summary>
    /// <param name="process">What to execute.</param>
    /// <param name="stdio">Three fds for it; null for nothing, or a terminal.</param>
    /// <exception cref="ContainerException">What the runtime says.</exception>
    public StartedProcess Exec(Process process, IReadOnlyList<int>? stdio)
    {
        using OwnedFd folder = FileIo.Open(Sys.AT_FDCWD, _folder, O.RDONLY | O.DIRECTORY);
        using ConsoleSocket? console = process.Terminal ? new ConsoleSocket(folder) : null;
        Process possible = SpecReader.ReadProcess(SpecWriter.ToBytes(process));
        ExternalSpec.Clamp(possible);
        FileIo.Replace(folder.Value, ProcessName, SpecWriter.ToBytes(possible), PrivateFile, durable: false);
        try
        {
            string[] arguments =
            [
                "--process", $"{_folder}/{ProcessName}", "--pid-file", PidPath, "--detach", .. console is null ? (string[])[] : ["--console-socket", console.Path], _id,
            ];
            Run("exec", arguments, process.Terminal ? null : stdio, program: process.Args?[0]);
        }
        finally
        {
            _ = Sys.unlinkat(folder.Value, ProcessName, 0); // ignored: the next exec replaces it
        }
        int pid = ReadPid();
        StartedProcess started = new() { Pid = pid, Pidfd = OwnedFd.FromAnswer(Sys.pidfd_open(pid), "pidfd_open"), Terminal = null };
        try
        {
            return console is null ? started : new StartedProcess { Pid = pid, Pidfd = started.Pidfd, Terminal = console.Take() };
        }
        catch
        {
            started.Abandon();
            started.Dispose();
            throw;
        }
    }
}
