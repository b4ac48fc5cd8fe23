namespace Rundlet.Oci;

/// <summary>A network device that moves into the container (config-linux.md, Network Devices).</summary>
public sealed class NetDevice
{
    /// <summary>Name inside; absent keeps the name it has on the host.</summary>
    public string? Name { get; set; }
}
