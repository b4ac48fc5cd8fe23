using Rundlet.Syscalls;

namespace Rundlet.Linux.Cgroups.Controllers;

/// <summary>CPUs and memory nodes: cgroup-v1/cpusets and cgroup-v2, "Cpuset". It has no figures.</summary>
internal static class CpusetController
{
    private const string Cpus = "cpuset.cpus";
    private const string Mems = "cpuset.mems";

    /// <summary>Writes the settings.</summary>
    public static void Apply(CgroupFolders folders, CgroupSettings settings)
    {
        if (!string.IsNullOrEmpty(settings.CpusetCpus))
            folders.Require(CgroupControllers.Cpuset, "cpuset cpus").Write(Cpus, settings.CpusetCpus, "cpuset cpus");
        if (!string.IsNullOrEmpty(settings.CpusetMems))
            folders.Require(CgroupControllers.Cpuset, "cpuset mems").Write(Mems, settings.CpusetMems, "cpuset mems");
    }

    /// <summary>A new v1 cpuset is empty, and no task can join it: it gets what its parent has.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void Inherit(string folder)
    {
        string parent = folder[..folder.LastIndexOf('/')];
        Copy(parent, folder, Cpus);
        Copy(parent, folder, Mems);
    }

    private static void Copy(string from, string to, string file)
    {
        byte[] value = FileIo.ReadFile(Sys.AT_FDCWD, $"{from}/{file}");
        string target = $"{to}/{file}";
        using OwnedFd fd = FileIo.Open(Sys.AT_FDCWD, target, O.WRONLY);
        FileIo.WriteAll(fd.Value, value, target);
    }
}
