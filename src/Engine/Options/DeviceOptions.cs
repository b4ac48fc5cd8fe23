namespace Rundlet.Engine.Options;

/// <summary>Devices of the host that a container gets.</summary>
public sealed record DeviceOptions
{
    /// <summary>Nodes, and folders of them.</summary>
    public IReadOnlyList<DeviceOption> Nodes { get; init => field = value ?? []; } = [];

    /// <summary>Names of the Container Device Interface, as in <c>vendor.com/class=name</c>.</summary>
    public IReadOnlyList<string> CdiNames { get; init => field = value ?? []; } = [];

    /// <summary>Further rules of what may be used, each as the user wrote it.</summary>
    public IReadOnlyList<string> Rules { get; init => field = value ?? []; } = [];

    /// <summary>Sorts values of <c>--device</c>.</summary>
    /// <exception cref="Rundlet.Linux.ContainerException">InvalidArgument.</exception>
    public DeviceOptions With(IEnumerable<string> devices)
    {
        List<DeviceOption> nodes = [.. Nodes];
        List<string> names = [.. CdiNames];
        foreach (string device in devices)
        {
            if (device.StartsWith('/') || !device.Contains('='))
                nodes.Add(DeviceOption.Parse(device));
            else
                names.Add(device);
        }
        return this with { Nodes = nodes, CdiNames = names };
    }
}
