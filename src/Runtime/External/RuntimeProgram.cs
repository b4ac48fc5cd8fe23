using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Runtime;

// What belongs in this folder: containers that another OCI runtime makes, runc, crun, kata or runsc, driven by its command line.
//
//   RuntimeProgram              which program a name stands for
//   ExternalRuntime             one container's: where its files are, the command line, what a failure says; start, kill, …
//   ExternalRuntime.Create      create: the bundle, the mounts that the runtime has to find at paths
//   ExternalRuntime.Exec        exec
//   ExternalRuntime.Elsewhere   what processes of several threads may do: update, and delete after a supervisor that was killed
//   ExternalSpec                from our spec to one that another process can use
//   RuntimeLog                  what the runtime says went wrong
//   ConsoleSocket               where it sends the terminal to

/// <summary>The program of an OCI runtime, by its path or its name.</summary>
public static class RuntimeProgram
{
    /// <summary>The name that stands for the library in the supervisor, and for no program.</summary>
    public const string Own = "rundlet";

    // Where distributions and vendors put runtimes, besides PATH.
    private static readonly string[] s_folders =
    [
        "/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin", "/run/current-system/sw/bin", "/opt/kata/bin", "/usr/libexec",
    ];

    /// <summary>Finds it.</summary>
    /// <param name="name">An absolute path, or a name that is looked up in PATH and in the usual folders.</param>
    /// <returns>The absolute path; null for <see cref="Own"/>.</returns>
    /// <exception cref="ContainerException">NotFound, PermissionDenied, or InvalidArgument.</exception>
    public static string? Resolve(string name)
    {
        if (name == Own)
            return null;
        if (name.Length == 0 || name.Contains('\0'))
            throw new ContainerException(ContainerErrorKind.InvalidArgument, "--runtime wants the name or the path of a program");
        if (name[0] == '/')
        {
            Require(name);
            return name;
        }
        if (name.Contains('/'))
            throw new ContainerException(ContainerErrorKind.InvalidArgument, $"runtime '{name}': the path must be absolute") { Hint = $"write it as {Path.GetFullPath(name)}" };
        string[] path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':');
        foreach (string folder in path.Concat(s_folders))
        {
            string file = $"{folder}/{name}";
            if (folder.StartsWith('/') && IsFile(file) && Sys.faccessat2(Sys.AT_FDCWD, file, 1, AT.EACCESS) == 0)
                return file;
        }
        throw new ContainerException(ContainerErrorKind.NotFound, $"runtime '{name}' is neither in PATH nor in {string.Join(':', s_folders)}")
        {
            Hint = "install it, or write its absolute path",
        };
    }

    /// <summary>Refuses what is no program.</summary>
    /// <exception cref="ContainerException">NotFound or PermissionDenied.</exception>
    public static void Require(string path)
    {
        int answer = Sys.faccessat2(Sys.AT_FDCWD, path, 0, 0);
        if (answer < 0)
            throw new ContainerException(ContainerErrorKind.NotFound, $"runtime '{path}' does not exist") { Hint = "install it, or choose another one with --runtime when the container is made" };
        if (!IsFile(path) || Sys.faccessat2(Sys.AT_FDCWD, path, 1, AT.EACCESS) < 0)
            throw new ContainerException(ContainerErrorKind.PermissionDenied, $"runtime '{path}' is not an executable file") { Hint = $"if it is a program: chmod +x {path}" };
    }

    private static bool IsFile(string path) =>
        Sys.statx(Sys.AT_FDCWD, path, 0, STATX.TYPE, out statx_t file) == 0 && (file.stx_mode & S.IFMT) == S.IFREG;
}
