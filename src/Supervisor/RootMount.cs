using System.Globalization;
using Rundlet.Linux;
using Rundlet.Runtime.Supervision;
using Rundlet.Syscalls;

namespace Rundlet.Supervisor;

/// <summary>
/// The container's overlay as a detached mount: it is never attached on the host, and vanishes with its last user. The layers
/// are named by fds, through a working folder of /proc/self/fd: no bound on the length of their paths, no comma or colon to
/// escape, and no path of the host in the container's mountinfo.
/// </summary>
internal static class RootMount
{
    // fsconfig(2) takes values of at most 255 bytes.
    private const int LongestValue = 255;

    /// <summary>Mounts it.</summary>
    /// <exception cref="ContainerException">The kernel refused, or cannot have that many layers.</exception>
    public static OwnedFd Make(OverlayConfig overlay)
    {
        List<OwnedFd> open = [];
        try
        {
            using OwnedFd context = OwnedFd.FromAnswer(Sys.fsopen("overlay"), "fsopen", "overlay");
            LinuxException.ThrowIfError(Sys.chdir("/proc/self/fd"), "chdir", "/proc/self/fd");
            string[] layers = new string[overlay.Lower.Count];
            for (int i = 0; i < layers.Length; i++)
                layers[i] = Open(overlay.Lower[i], open);
            SetLower(context, layers);
            if (overlay.Upper is { } upper)
                Set(context, "upperdir", Open(upper, open));
            if (overlay.Work is { } work)
                Set(context, "workdir", Open(work, open));
            foreach (string option in overlay.Options)
                SetOption(context, option);
            LinuxException.ThrowIfError(Sys.fsconfig_create(context.Value), "mount overlay of", overlay.Lower[0]);
            return OwnedFd.FromAnswer(Sys.fsmount(context.Value, 0), "fsmount", "overlay");
        }
        catch (LinuxException failed)
        {
            ContainerErrorKind kind = failed.Errno == Errno.EPERM ? ContainerErrorKind.PermissionDenied : ContainerErrorKind.Internal;
            throw new ContainerException(kind, "mount the root file system", failed);
        }
        finally
        {
            LinuxException.ThrowIfError(Sys.chdir("/"), "chdir", "/");
            foreach (OwnedFd fd in open)
                fd.Dispose();
        }
    }

    private static string Open(string path, List<OwnedFd> open)
    {
        open.Add(FileIo.Open(Sys.AT_FDCWD, path, O.PATH | O.DIRECTORY));
        return open[^1].Value.ToString(CultureInfo.InvariantCulture);
    }

    private static void SetLower(OwnedFd context, string[] layers)
    {
        int answer = Sys.fsconfig_set_string(context.Value, "lowerdir+", layers[0]); // Linux 6.7
        if (!Sys.Is(answer, Errno.EINVAL))
        {
            LinuxException.ThrowIfError(answer, "fsconfig", "lowerdir+");
            foreach (string layer in layers.AsSpan(1))
                Set(context, "lowerdir+", layer);
            return;
        }
        string joined = string.Join(':', layers);
        if (joined.Length > LongestValue)
            throw new ContainerException(ContainerErrorKind.Unsupported, $"this kernel cannot mount {layers.Length} layers detached") { Hint = "use Linux 6.7 or later, or an image with fewer layers" };
        Set(context, "lowerdir", joined);
    }

    private static void SetOption(OwnedFd context, string option)
    {
        int equals = option.IndexOf('=');
        if (equals < 0)
            LinuxException.ThrowIfError(Sys.fsconfig_set_flag(context.Value, option), "fsconfig", option);
        else
            Set(context, option[..equals], option[(equals + 1)..]);
    }

    private static void Set(OwnedFd context, string key, string value) =>
        LinuxException.ThrowIfError(Sys.fsconfig_set_string(context.Value, key, value), "fsconfig", key);
}
