namespace Rundlet.Linux.Cgroups;

/// <summary>Kinds of device nodes.</summary>
public enum DeviceType
{
    /// <summary>Both.</summary>
    Any,

    /// <summary>Block devices.</summary>
    Block,

    /// <summary>Character devices.</summary>
    Character,
}
