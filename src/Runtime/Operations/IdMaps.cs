using System.Globalization;
using System.Text;
using Rundlet.Linux;
using Rundlet.Oci;
using Rundlet.Syscalls;

namespace Rundlet.Runtime;

/// <summary>
/// Writes the id maps of a new user namespace, user_namespaces(7): by the kernel's files where the caller is root or maps
/// nobody but themselves, else by newuidmap(1) and newgidmap(1), which know what /etc/subuid and /etc/subgid allow.
/// </summary>
internal static class IdMaps
{
    /// <summary>Writes both maps.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    /// <exception cref="ContainerException">A helper is missing or refused.</exception>
    public static void Write(int pid, List<IdMapping> uids, List<IdMapping> gids)
    {
        uint caller = Sys.geteuid();
        if (caller == 0)
        {
            WriteFile($"/proc/{pid}/gid_map", TextOf(gids));
            WriteFile($"/proc/{pid}/uid_map", TextOf(uids));
            return;
        }
        if (IsOnly(gids, Sys.getegid()))
        {
            // Or a member of a group that a file denies something would get it by leaving the group: CVE-2014-8989.
            WriteFile($"/proc/{pid}/setgroups", "deny");
            WriteFile($"/proc/{pid}/gid_map", TextOf(gids));
        }
        else
        {
            RunHelper("newgidmap", "/etc/subgid", pid, gids);
        }
        if (IsOnly(uids, caller))
            WriteFile($"/proc/{pid}/uid_map", TextOf(uids));
        else
            RunHelper("newuidmap", "/etc/subuid", pid, uids);
    }

    private static bool IsOnly(List<IdMapping> mappings, uint own) => mappings.Count == 1 && mappings[0].Size == 1 && mappings[0].HostId == own;

    private static void RunHelper(string program, string file, int pid, List<IdMapping> mappings)
    {
        List<string> arguments = [program, pid.ToString(CultureInfo.InvariantCulture)];
        foreach (IdMapping mapping in mappings)
        {
            arguments.Add(mapping.ContainerId.ToString(CultureInfo.InvariantCulture));
            arguments.Add(mapping.HostId.ToString(CultureInfo.InvariantCulture));
            arguments.Add(mapping.Size.ToString(CultureInfo.InvariantCulture));
        }
        string path = HelperProgram.Find(program)
            ?? throw new ContainerException(ContainerErrorKind.Unavailable, $"map ids of user {Sys.geteuid()}: '{program}' is not in PATH") { Hint = "install the package uidmap, or map the caller's own id alone" };
        (int status, string error) = HelperProgram.Run(path, arguments);
        if (status != 0)
            throw new ContainerException(ContainerErrorKind.PermissionDenied, $"map ids of user {Sys.geteuid()}: {(error.Length > 0 ? error : $"'{program}' ended with status {status}")}") { Hint = $"does {file} give these ids to the user" };
    }

    /// <summary>A map as the kernel reads it, a range a line.</summary>
    internal static string TextOf(List<IdMapping> mappings)
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
