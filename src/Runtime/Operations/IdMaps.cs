using System.Globalization;
using System.Text;
using Rundlet.Linux;
using Rundlet.Linux.Cgroups;
using Rundlet.Oci;
using Rundlet.Syscalls;

namespace Rundlet.Runtime;

/// <summary>Writes the id maps of a new user namespace, user_namespaces(7).</summary>
internal static class IdMaps
{
    /// <summary>Writes both maps; an unprivileged caller must deny setgroups first.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void Write(int pid, LinuxSpec spec)
    {
        if (Sys.geteuid() != 0)
            WriteFile($"/proc/{pid}/setgroups", "deny");
        WriteFile($"/proc/{pid}/gid_map", TextOf(spec.GidMappings!));
        WriteFile($"/proc/{pid}/uid_map", TextOf(spec.UidMappings!));
    }

    private static string TextOf(List<IdMapping> mappings)
    {
        StringBuilder text = new();
        foreach (IdMapping mapping in mappings)
            text.Append(CultureInfo.InvariantCulture, $"{mapping.ContainerId} {mapping.HostId} {mapping.Size}\n");
        return text.ToString();
    }

    // In one write: the kernel takes a map whole or not at all.
    private static void WriteFile(string path, string text)
    {
        using OwnedFd fd = FileIo.Open(Sys.AT_FDCWD, path, O.WRONLY);
        LinuxException.ThrowIfError(Sys.write(fd.Value, Encoding.ASCII.GetBytes(text)), "write", path);
    }
}
