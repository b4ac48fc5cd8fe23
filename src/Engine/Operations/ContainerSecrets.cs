using Rundlet.Engine.Options;
using Rundlet.Engine.Secrets;
using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Engine.Operations;

/// <summary>
/// The secrets of a container, as files in its run folder: closed to everybody else on the host, in memory where /run is, and gone with the
/// run folder when the container ends. The spec mounts them read-only.
/// </summary>
internal static class ContainerSecrets
{
    private const string FolderName = "secrets";

    /// <summary>The path on the host of a container's secret.</summary>
    /// <param name="runFolder">The container's run folder.</param>
    /// <param name="number">Which of its secrets.</param>
    public static string PathOf(string runFolder, int number) => $"{runFolder}/{FolderName}/{number}";

    /// <summary>Refuses secrets that there are not, when the container is made.</summary>
    /// <exception cref="ContainerException">NotFound.</exception>
    public static void Check(ContainerEngine engine, ContainerOptions options)
    {
        foreach (SecretOption secret in options.Secrets)
        {
            if (!secret.Source.StartsWith('/'))
                engine.Secrets.Get(secret.Source);
            else if (Sys.faccessat2(Sys.AT_FDCWD, secret.Source, 0, 0) < 0)
                throw new ContainerException(ContainerErrorKind.NotFound, $"secret file '{secret.Source}' does not exist");
        }
    }

    /// <summary>Writes them, as they are now, before the container starts.</summary>
    /// <exception cref="ContainerException">NotFound: one is gone; InvalidArgument: a file is too long.</exception>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void Write(ContainerEngine engine, string runFolder, ContainerOptions options)
    {
        if (options.Secrets.Count == 0)
            return;
        string folder = $"{runFolder}/{FolderName}";
        ContainerEngine.EnsureFolder(folder);
        foreach ((int number, SecretOption secret) in options.Secrets.Index())
        {
            byte[] value = secret.Source.StartsWith('/')
                ? FileIo.ReadFile(Sys.AT_FDCWD, secret.Source, SecretStore.MaxBytes)
                : engine.Secrets.Read(secret.Source);
            string path = PathOf(runFolder, number);
            using OwnedFd file = FileIo.Open(Sys.AT_FDCWD, path, O.WRONLY | O.CREAT | O.TRUNC | O.NOFOLLOW, 0x180 /* 0600 */);
            ContainerLabels.LabelFor(options, file.Value, path);
            FileIo.WriteAll(file.Value, value, path);
            LinuxException.ThrowIfError(Sys.fchownat(file.Value, "", secret.Uid, secret.Gid, AT.EMPTY_PATH), "change owner", path);
            LinuxException.ThrowIfError(Sys.fchmod(file.Value, secret.Mode), "chmod", path);
        }
    }
}
