using Rundlet.Oci;

namespace Rundlet.Engine.Options;

/// <summary>
/// Reads the document of <see cref="ContainerOptions"/> that <see cref="OptionsJson"/> writes and a row of the database keeps; by hand, for
/// a serializer's tables of these types cost every command that looks at a container some two milliseconds. A test fails when a
/// member is written that nothing here reads.
/// </summary>
internal static partial class OptionsReader
{
    /// <exception cref="SpecFormatException">The document is damaged; says where.</exception>
    public static ContainerOptions Read(ReadOnlySpan<byte> json) => JsonCursor.ReadDocument(json, ReadContainerOptions);

    private static ContainerOptions ReadContainerOptions(ref JsonCursor json)
    {
        ContainerOptions it = new() { Image = "" };
        json.BeginObject();
        while (json.NextMember())
            if (json.Is("image"u8)) it = it with { Image = json.String() };
            else if (json.Is("command"u8)) it = it with { Command = json.Strings() };
            else if (json.Is("entrypoint"u8)) it = it with { Entrypoint = json.Strings() };
            else if (json.Is("name"u8)) it = it with { Name = json.String() };
            else if (json.Is("hostname"u8)) it = it with { Hostname = json.String() };
            else if (json.Is("terminal"u8)) it = it with { Terminal = json.Boolean() };
            else if (json.Is("openStdin"u8)) it = it with { OpenStdin = json.Boolean() };
            else if (json.Is("autoRemove"u8)) it = it with { AutoRemove = json.Boolean() };
            else if (json.Is("restart"u8)) it = it with { Restart = json.String() };
            else if (json.Is("health"u8)) it = it with { Health = ReadHealthOptions(ref json) };
            else if (json.Is("environment"u8)) it = it with { Environment = json.Strings() };
            else if (json.Is("user"u8)) it = it with { User = json.String() };
            else if (json.Is("workingFolder"u8)) it = it with { WorkingFolder = json.String() };
            else if (json.Is("labels"u8)) it = it with { Labels = json.StringMap() };
            else if (json.Is("annotations"u8)) it = it with { Annotations = json.StringMap() };
            else if (json.Is("groups"u8)) it = it with { Groups = json.Strings() };
            else if (json.Is("domainname"u8)) it = it with { Domainname = json.String() };
            else if (json.Is("ulimits"u8)) it = it with { Ulimits = json.List(ReadUlimitOption) };
            else if (json.Is("sysctls"u8)) it = it with { Sysctls = json.StringMap() };
            else if (json.Is("oomScoreAdj"u8)) it = it with { OomScoreAdj = json.Int32() };
            else if (json.Is("cgroupParent"u8)) it = it with { CgroupParent = json.String() };
            else if (json.Is("namespaces"u8)) it = it with { Namespaces = ReadNamespaceOptions(ref json) };
            else if (json.Is("devices"u8)) it = it with { Devices = ReadDeviceOptions(ref json) };
            else if (json.Is("sharedMemory"u8)) it = it with { SharedMemory = json.Int64() };
            else if (json.Is("resources"u8)) it = it with { Resources = ReadResourceOptions(ref json) };
            else if (json.Is("mounts"u8)) it = it with { Mounts = json.List(ReadMountOption) };
            else if (json.Is("storageSize"u8)) it = it with { StorageSize = json.Int64() };
            else if (json.Is("volumesFrom"u8)) it = it with { VolumesFrom = json.Strings() };
            else if (json.Is("secrets"u8)) it = it with { Secrets = json.List(ReadSecretOption) };
            else if (json.Is("readOnly"u8)) it = it with { ReadOnly = json.Boolean() };
            else if (json.Is("readOnlyTmpfs"u8)) it = it with { ReadOnlyTmpfs = json.Boolean() };
            else if (json.Is("security"u8)) it = it with { Security = ReadSecurityOptions(ref json) };
            else if (json.Is("network"u8)) it = it with { Network = json.String() };
            else if (json.Is("address"u8)) it = it with { Address = json.String() };
            else if (json.Is("macAddress"u8)) it = it with { MacAddress = json.String() };
            else if (json.Is("dns"u8)) it = it with { Dns = ReadDnsOptions(ref json) };
            else if (json.Is("exposed"u8)) it = it with { Exposed = json.Strings() };
            else if (json.Is("publishAll"u8)) it = it with { PublishAll = json.Boolean() };
            else if (json.Is("ports"u8)) it = it with { Ports = json.Strings() };
            else if (json.Is("publishPolicy"u8)) it = it with { PublishPolicy = json.String() };
            else if (json.Is("runtime"u8)) it = it with { Runtime = json.String() };
            else if (json.Is("systemd"u8)) it = it with { Systemd = json.String() };
            else if (json.Is("init"u8)) it = it with { Init = json.Boolean() };
            else if (json.Is("log"u8)) it = it with { Log = ReadLogOptions(ref json) };
            else if (json.Is("stopSignal"u8)) it = it with { StopSignal = json.String() };
            else if (json.Is("stopTimeout"u8)) it = it with { StopTimeout = json.Int32() };
            else if (json.Is("attached"u8)) it = it with { Attached = json.Strings() };
            else if (json.Is("idFile"u8)) it = it with { IdFile = json.String() };
            else if (json.Is("unsetEnvironment"u8)) it = it with { UnsetEnvironment = json.Strings() };
            else json.Ignore();
        return it;
    }

    private static HealthOptions ReadHealthOptions(ref JsonCursor json)
    {
        HealthOptions it = new();
        json.BeginObject();
        while (json.NextMember())
            if (json.Is("isOff"u8)) it = it with { IsOff = json.Boolean() };
            else if (json.Is("command"u8)) it = it with { Command = json.String() };
            else if (json.Is("intervalMs"u8)) it = it with { IntervalMs = json.Int32() };
            else if (json.Is("timeoutMs"u8)) it = it with { TimeoutMs = json.Int32() };
            else if (json.Is("startPeriodMs"u8)) it = it with { StartPeriodMs = json.Int32() };
            else if (json.Is("startIntervalMs"u8)) it = it with { StartIntervalMs = json.Int32() };
            else if (json.Is("retries"u8)) it = it with { Retries = json.Int32() };
            else if (json.Is("onUnhealthy"u8)) it = it with { OnUnhealthy = json.String() };
            else json.Ignore();
        return it;
    }

    private static LogOptions ReadLogOptions(ref JsonCursor json)
    {
        LogOptions it = LogOptions.Default;
        json.BeginObject();
        while (json.NextMember())
            if (json.Is("driver"u8)) it = it with { Driver = json.String() };
            else if (json.Is("options"u8)) it = it with { Options = json.StringMap() };
            else json.Ignore();
        return it;
    }

    private static UlimitOption ReadUlimitOption(ref JsonCursor json)
    {
        UlimitOption it = new("", 0, 0);
        json.BeginObject();
        while (json.NextMember())
            if (json.Is("name"u8)) it = it with { Name = json.String() };
            else if (json.Is("soft"u8)) it = it with { Soft = json.Int64() };
            else if (json.Is("hard"u8)) it = it with { Hard = json.Int64() };
            else json.Ignore();
        return it;
    }

    private static MountOption ReadMountOption(ref JsonCursor json)
    {
        MountOption it = new(MountKind.Bind, "", "", []);
        json.BeginObject();
        while (json.NextMember())
            if (json.Is("kind"u8)) it = it with { Kind = ReadMountKind(ref json) };
            else if (json.Is("source"u8)) it = it with { Source = json.String() };
            else if (json.Is("destination"u8)) it = it with { Destination = json.String() };
            else if (json.Is("options"u8)) it = it with { Options = json.Strings() };
            else if (json.Is("mode"u8)) it = it with { Mode = json.String() };
            else if (json.Is("relabel"u8)) it = it with { Relabel = json.String() };
            else if (json.Is("volume"u8)) it = it with { Volume = ReadVolumeChoice(ref json) };
            else if (json.Is("image"u8)) it = it with { Image = ReadImageChoice(ref json) };
            else json.Ignore();
        return it;
    }

    private static ImageChoice ReadImageChoice(ref JsonCursor json)
    {
        ImageChoice it = new();
        json.BeginObject();
        while (json.NextMember())
            if (json.Is("subpath"u8)) it = it with { Subpath = json.String() };
            else if (json.Is("manifest"u8)) it = it with { Manifest = json.String() };
            else json.Ignore();
        return it;
    }

    private static MountKind ReadMountKind(ref JsonCursor json) =>
        Enum.TryParse(json.String(), out MountKind kind) ? kind : throw json.Expected("a sort of mount");

    private static VolumeChoice ReadVolumeChoice(ref JsonCursor json)
    {
        VolumeChoice it = new();
        json.BeginObject();
        while (json.NextMember())
            if (json.Is("isAnonymous"u8)) it = it with { IsAnonymous = json.Boolean() };
            else if (json.Is("fromImage"u8)) it = it with { FromImage = json.Boolean() };
            else if (json.Is("noCopy"u8)) it = it with { NoCopy = json.Boolean() };
            else if (json.Is("subpath"u8)) it = it with { Subpath = json.String() };
            else if (json.Is("options"u8)) it = it with { Options = json.StringMap() };
            else if (json.Is("labels"u8)) it = it with { Labels = json.StringMap() };
            else json.Ignore();
        return it;
    }

    private static SecretOption ReadSecretOption(ref JsonCursor json)
    {
        SecretOption it = new("", "", 0, 0, 0);
        json.BeginObject();
        while (json.NextMember())
            if (json.Is("source"u8)) it = it with { Source = json.String() };
            else if (json.Is("target"u8)) it = it with { Target = json.String() };
            else if (json.Is("uid"u8)) it = it with { Uid = json.UInt32() };
            else if (json.Is("gid"u8)) it = it with { Gid = json.UInt32() };
            else if (json.Is("mode"u8)) it = it with { Mode = json.UInt32() };
            else json.Ignore();
        return it;
    }
}
