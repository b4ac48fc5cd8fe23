namespace Rundlet.Linux.Cgroups;

/// <summary>One mounted cgroup hierarchy and where the caller is in it.</summary>
public sealed class CgroupHierarchy
{
    private readonly string[] _names;

    internal CgroupHierarchy(bool isV2, string[] names, string mountPoint, string ownPath)
    {
        IsV2 = isV2;
        _names = names;
        MountPoint = mountPoint;
        OwnPath = ownPath;
        Controllers = ControllerNames.ParseAll(names);
    }

    /// <summary>Whether this is the cgroup2 mount.</summary>
    public bool IsV2 { get; }

    /// <summary>The controllers in it that have a meaning here.</summary>
    public CgroupControllers Controllers { get; }

    /// <summary>All controllers in it as the kernel names them; <c>name=X</c> for a named v1 hierarchy.</summary>
    public IReadOnlyList<string> Names => _names;

    /// <summary>Absolute path, without a slash at the end.</summary>
    public string MountPoint { get; }

    /// <summary>The caller's cgroup beneath <see cref="MountPoint"/>: empty or <c>/a/b</c>. Empty too when it is outside of what is mounted.</summary>
    public string OwnPath { get; }

    /// <inheritdoc/>
    public override string ToString() => $"{(IsV2 ? "cgroup2" : string.Join(',', _names))} on '{MountPoint}', own '{OwnPath}'";
}
