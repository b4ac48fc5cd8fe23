namespace Rundlet.Hello.Report;

/// <summary>Everything the container sees of itself at one moment. Gathered once, then rendered.</summary>
internal sealed record ContainerReport(string HostName, IReadOnlyList<Section> Sections)
{
    public static ContainerReport Take(SystemFiles files)
    {
        ProcessStatus status = ProcessStatus.Read(files);
        IReadOnlyList<MountEntry> mounts = MountEntry.ReadAll(files);
        return new(
            files.TryReadLine("/proc/sys/kernel/hostname") ?? Environment.MachineName,
            [
                IdentitySection.Build(files, status),
                NamespaceSection.Build(files),
                CgroupSection.Build(files, mounts),
                SecuritySection.Build(files, status, mounts),
                CapabilitySection.Build(status),
                NetworkSection.Build(files),
                MountSection.Build(mounts),
                LimitSection.Build(files),
            ]);
    }

    /// <summary>What people read for a fact, or null where the report has no such fact.</summary>
    public string? Find(string section, string fact) =>
        Sections.FirstOrDefault(s => s.Key == section)?.Facts.FirstOrDefault(f => f.Key == fact)?.Value.Display;
}
