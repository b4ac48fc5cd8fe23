using Rundlet.Engine.Volumes;
using Rundlet.Linux;

namespace Rundlet.Engine.Options;

public sealed partial record MountOption
{
    /// <summary>Reads a value of <c>--mount</c>: <c>type=volume|bind|tmpfs|image,source=…,target=…,readonly,…</c>, one record of CSV.</summary>
    /// <exception cref="ContainerException">InvalidArgument, or Unsupported: another volume driver.</exception>
    public static MountOption ParseMount(string text)
    {
        MountFields fields = MountFields.Parse(text);
        string destination = Destinations(fields.Target, "mount", text);
        return fields.Type switch
        {
            "bind" => BindOf(fields, destination, text) with { Relabel = fields.Relabel },
            "tmpfs" when fields.Relabel is not null => throw Invalid("mount", text, "'relabel' is no field of type 'tmpfs'"),
            "tmpfs" => TmpfsOf(fields, destination, text),
            "image" when fields.Relabel is not null => throw Invalid("mount", text, "'relabel' is no field of type 'image'"),
            "image" => ImageOf(fields, destination, text),
            "volume" => VolumeOf(fields, destination, text) with { Relabel = fields.Relabel },
            _ => throw Invalid("mount", text, $"unknown type '{fields.Type}'"),
        };
    }

    private static MountOption BindOf(MountFields fields, string destination, string text)
    {
        if (fields.Source.Length == 0 || fields.Source[0] is not ('/' or '.'))
            throw Invalid("mount", text, "the source of a bind mount must be absolute");
        if (fields.Propagation.Length > 0 && !s_propagations.Contains(fields.Propagation))
            throw Invalid("mount", text, $"unknown propagation '{fields.Propagation}'");
        List<string> options = [fields.Recursive == "disabled" ? "bind" : "rbind"];
        if (fields.ReadOnly)
            options.Add("ro");
        if (fields.Propagation.Length > 0)
            options.Add(fields.Propagation);
        switch (fields.Recursive)
        {
            case "" or "enabled" or "disabled":
                return Bind(Path.GetFullPath(fields.Source), destination, options);
            case "writable" when fields.ReadOnly:
                MountOption all = Bind(Path.GetFullPath(fields.Source), destination, options);
                return all with { Options = [.. all.Options.Select(option => option == "rro" ? "ro" : option)] };
            case "readonly" when fields.ReadOnly && fields.Propagation is "" or "rprivate":
                return Bind(Path.GetFullPath(fields.Source), destination, options);
            case "writable" or "readonly":
                throw Invalid("mount", text, $"bind-recursive={fields.Recursive} needs 'readonly'{(fields.ReadOnly ? " and the propagation 'rprivate'" : "")}");
            default:
                throw Invalid("mount", text, $"unknown value '{fields.Recursive}' of bind-recursive: want enabled, disabled, writable or readonly");
        }
    }

    private static MountOption ImageOf(MountFields fields, string destination, string text)
    {
        if (fields.Source.Length == 0)
            throw Invalid("mount", text, "say which image: source=IMAGE");
        if (fields.Subpath is { Length: 0 } || fields.Subpath?.StartsWith('/') == true)
            throw Invalid("mount", text, "the path in the image must be relative");
        return new MountOption(MountKind.Image, fields.Source, destination, ["rbind", "rro", "nosuid", "nodev", "rprivate"]) { Image = new ImageChoice { Subpath = fields.Subpath } };
    }

    private static MountOption TmpfsOf(MountFields fields, string destination, string text)
    {
        if (fields.Source.Length > 0)
            throw Invalid("mount", text, "a tmpfs has no source");
        List<string> settings = [];
        if (fields.ReadOnly)
            settings.Add("ro");
        if (fields.TmpfsSize.Length > 0)
            settings.Add($"size={Quantity.ParseBytes(fields.TmpfsSize, "tmpfs size")}");
        if (fields.TmpfsMode.Length > 0)
            settings.Add($"mode={fields.TmpfsMode}");
        settings.AddRange(fields.TmpfsOptions.Split(',', StringSplitOptions.RemoveEmptyEntries));
        return Tmpfs(destination, settings, text);
    }

    private static MountOption VolumeOf(MountFields fields, string destination, string text)
    {
        if (fields.Driver is not ("" or VolumeOptions.LocalDriver))
            throw VolumeOptions.UnknownDriver(fields.Driver);
        VolumeOptions.Validate(fields.DriverOptions);
        List<string> options = fields.ReadOnly ? ["ro"] : [];
        VolumeChoice choice = new() { NoCopy = fields.NoCopy, Subpath = fields.Subpath, Options = fields.DriverOptions, Labels = fields.Labels };
        if (fields.Source.Length == 0)
        {
            return fields.Subpath is null
                ? Unnamed(destination, options, choice)
                : throw Invalid("mount", text, "volume-subpath needs a volume with a name: a new one has no folders");
        }
        VolumeName.Validate(fields.Source);
        return OfVolume(fields.Source, destination, options, choice);
    }
}
