using System.Text.Json;
using Rundlet.Engine.Options;
using Rundlet.Engine.Specs;
using Rundlet.Network.Ports;
using Rundlet.Runtime;
using Rundlet.Runtime.Supervision;

namespace Rundlet.Cli.Output;

/// <summary>What a user asked of the host for a container, in the shape of docker's <c>HostConfig</c>.</summary>
internal static class HostConfigJson
{
    private const long DefaultSharedMemory = 64 << 20;

    /// <summary>Writes the object.</summary>
    /// <param name="json">Gets it, as a member.</param>
    /// <param name="options">What the user asked for.</param>
    /// <param name="restart">The restart policy as it is now.</param>
    public static void Write(Utf8JsonWriter json, ContainerOptions options, RestartPolicy restart)
    {
        json.WriteStartObject("HostConfig"u8);
        MountJson.WriteBinds(json, options);
        json.WriteString("ContainerIDFile"u8, options.IdFile ?? "");
        json.WriteBoolean("Init"u8, options.Init);
        WriteLog(json, options.Log ?? LogOptions.Default);
        WriteNetwork(json, options);
        json.WriteStartObject("RestartPolicy"u8);
        json.WriteString("Name"u8, restart.Name);
        json.WriteNumber("MaximumRetryCount"u8, restart.MaximumRetries);
        json.WriteEndObject();
        json.WriteBoolean("AutoRemove"u8, options.AutoRemove);
        json.WriteString("VolumeDriver"u8, "");
        json.WriteStringsOrNull("VolumesFrom", options.VolumesFrom.Count > 0 ? options.VolumesFrom : null);
        json.WriteMap("Annotations", options.Annotations);
        WriteSecurity(json, options);
        WriteNamespaces(json, options.Namespaces);
        json.WriteString("Runtime"u8, options.Runtime ?? RuntimeProgram.Own);
        json.WriteString("Isolation"u8, "");
        json.WriteString("Cgroup"u8, "");
        json.WriteString("CgroupParent"u8, options.CgroupParent ?? "");
        json.WriteNumber("OomScoreAdj"u8, options.OomScoreAdj);
        json.WriteNumber("ShmSize"u8, options.SharedMemory ?? DefaultSharedMemory);
        json.WriteMap("Sysctls", options.Sysctls);
        WriteUlimits(json, options.Ulimits);
        WriteResources(json, options.Resources);
        WriteDevices(json, options);
        json.WriteEndObject();
    }

    private static void WriteLog(Utf8JsonWriter json, LogOptions log)
    {
        json.WriteStartObject("LogConfig"u8);
        json.WriteString("Type"u8, log.Driver);
        json.WriteMap("Config", log.Options);
        json.WriteEndObject();
    }

    private static void WriteNetwork(Utf8JsonWriter json, ContainerOptions options)
    {
        json.WriteString("NetworkMode"u8, options.Network);
        json.WriteStartObject("PortBindings"u8);
        foreach (IGrouping<string, PortRequest> port in options.Ports.SelectMany(PortRequest.Parse).SelectMany(port => port.Expand()).GroupBy(NetworkSettingsJson.NameOf))
        {
            json.WriteStartArray(port.Key);
            foreach (PortRequest request in port)
            {
                json.WriteStartObject();
                json.WriteString("HostIp"u8, request.HostAddress?.ToString() ?? "");
                json.WriteString("HostPort"u8, HostPort(request));
                json.WriteEndObject();
            }
            json.WriteEndArray();
        }
        json.WriteEndObject();
        json.WriteBoolean("PublishAllPorts"u8, options.PublishAll);
        json.WriteString("PublishPolicy"u8, options.PublishPolicy ?? "open");
        json.WriteStrings("Dns", options.Dns.Servers);
        json.WriteStrings("DnsOptions", options.Dns.Options);
        json.WriteStrings("DnsSearch", options.Dns.Search);
        json.WriteStrings("ExtraHosts", options.Dns.Hosts);
    }

    private static string HostPort(PortRequest request) => request switch
    {
        { FirstHostPort: 0 } => "",
        _ when request.FirstHostPort == request.LastHostPort => $"{request.FirstHostPort}",
        _ => $"{request.FirstHostPort}-{request.LastHostPort}",
    };

    private static void WriteSecurity(Utf8JsonWriter json, ContainerOptions options)
    {
        SecurityOptions security = options.Security;
        json.WriteStrings("CapAdd", security.CapAdd);
        json.WriteStrings("CapDrop", security.CapDrop);
        json.WriteStrings("GroupAdd", options.Groups);
        json.WriteBoolean("Privileged"u8, security.Privileged);
        json.WriteBoolean("ReadonlyRootfs"u8, options.ReadOnly);
        json.WriteStrings("SecurityOpt", security.Written);
        json.WriteStrings("MaskedPaths", PathChoice.Masked(security, processors: 0));
        json.WriteStrings("ReadonlyPaths", PathChoice.ReadOnly(security));
    }

    private static void WriteNamespaces(Utf8JsonWriter json, NamespaceOptions namespaces)
    {
        json.WriteString("CgroupnsMode"u8, namespaces.Cgroup ?? "private");
        json.WriteString("IpcMode"u8, namespaces.Ipc ?? "private");
        json.WriteString("PidMode"u8, namespaces.Pid ?? "");
        json.WriteString("UTSMode"u8, namespaces.Uts ?? "");
        json.WriteString("UsernsMode"u8, namespaces.User ?? "");
    }

    private static void WriteUlimits(Utf8JsonWriter json, IReadOnlyList<UlimitOption> limits)
    {
        json.WriteStartArray("Ulimits"u8);
        foreach (UlimitOption limit in limits)
        {
            json.WriteStartObject();
            json.WriteString("Name"u8, limit.Name);
            json.WriteNumber("Hard"u8, limit.Hard);
            json.WriteNumber("Soft"u8, limit.Soft);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static void WriteResources(Utf8JsonWriter json, ResourceOptions resources)
    {
        json.WriteNumber("CpuShares"u8, resources.CpuShares ?? 0);
        json.WriteNumber("Memory"u8, resources.Memory ?? 0);
        json.WriteNumber("NanoCpus"u8, resources.NanoCpus ?? 0);
        json.WriteNumber("BlkioWeight"u8, resources.BlkioWeight ?? 0);
        WriteRates(json, "BlkioWeightDevice", resources.BlkioWeightDevices, "Weight");
        WriteRates(json, "BlkioDeviceReadBps", resources.DeviceReadBps);
        WriteRates(json, "BlkioDeviceWriteBps", resources.DeviceWriteBps);
        WriteRates(json, "BlkioDeviceReadIOps", resources.DeviceReadIops);
        WriteRates(json, "BlkioDeviceWriteIOps", resources.DeviceWriteIops);
        json.WriteNumber("CpuPeriod"u8, resources.CpuPeriod ?? 0);
        json.WriteNumber("CpuQuota"u8, resources.CpuQuota ?? 0);
        json.WriteNumber("CpuRealtimePeriod"u8, resources.CpuRealtimePeriod ?? 0);
        json.WriteNumber("CpuRealtimeRuntime"u8, resources.CpuRealtimeRuntime ?? 0);
        json.WriteString("CpusetCpus"u8, resources.CpusetCpus ?? "");
        json.WriteString("CpusetMems"u8, resources.CpusetMems ?? "");
        json.WriteNumber("MemoryReservation"u8, resources.MemoryReservation ?? 0);
        json.WriteNumber("MemorySwap"u8, resources.EffectiveSwap ?? 0);
        if (resources.MemorySwappiness is { } swappiness)
            json.WriteNumber("MemorySwappiness"u8, swappiness);
        else
            json.WriteNull("MemorySwappiness"u8);
        json.WriteBoolean("OomKillDisable"u8, resources.OomKillDisable);
        json.WriteNumber("PidsLimit"u8, resources.PidsLimit ?? 0);
    }

    private static void WriteRates(Utf8JsonWriter json, string name, IReadOnlyList<DeviceRateOption>? rates, string number = "Rate")
    {
        json.WriteStartArray(name);
        foreach (DeviceRateOption rate in rates ?? [])
        {
            json.WriteStartObject();
            json.WriteString("Path"u8, rate.Path);
            json.WriteNumber(number, rate.Rate);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static void WriteDevices(Utf8JsonWriter json, ContainerOptions options)
    {
        json.WriteStartArray("Devices"u8);
        foreach (DeviceOption device in options.Devices.Nodes)
        {
            json.WriteStartObject();
            json.WriteString("PathOnHost"u8, device.Source);
            json.WriteString("PathInContainer"u8, device.Target);
            json.WriteString("CgroupPermissions"u8, device.Access);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteStrings("DeviceCgroupRules", options.Devices.Rules);
        json.WriteStartArray("DeviceRequests"u8);
        if (options.Devices.CdiNames.Count > 0)
        {
            json.WriteStartObject();
            json.WriteString("Driver"u8, "cdi");
            json.WriteNumber("Count"u8, 0);
            json.WriteStrings("DeviceIDs", options.Devices.CdiNames);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }
}
