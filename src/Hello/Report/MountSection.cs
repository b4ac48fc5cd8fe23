namespace Rundlet.Hello.Report;

/// <summary>The mount table, in the order the kernel made it.</summary>
internal static class MountSection
{
    public static Section Build(IReadOnlyList<MountEntry> mounts) => new("mounts", "Mounts", [],
    [
        new("mounts", "", ["target", "type", "source", "options"],
            [.. mounts.Select(mount => (IReadOnlyList<string>)[mount.Target, mount.Type, mount.Source, mount.Options])],
            "unknown: /proc is not mounted"),
    ]);
}
