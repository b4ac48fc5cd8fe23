using Rundlet.Engine.Volumes;
using Rundlet.Linux;

namespace Rundlet.Engine.Options;

public sealed partial record MountOption
{
    /// <summary>
    /// Reads a value of <c>-v</c>: <c>PATH</c> alone for a volume without a name, or <c>SOURCE:PATH[:OPTION,…]</c>, where the source is the
    /// name of a volume or a path of the host. A relative one begins with <c>./</c> or <c>../</c>.
    /// </summary>
    /// <exception cref="ContainerException">InvalidArgument.</exception>
    public static MountOption ParseVolume(string text)
    {
        string[] parts = text.Split(':');
        if (parts.Length > 3 || parts[0].Length == 0)
            throw Invalid("volume", text, "want SOURCE:DESTINATION[:OPTIONS]");
        if (parts.Length == 1)
            return Unnamed(Destinations(text, "volume", text), []) with { Mode = "" };
        bool isPath = parts[0][0] is '/' or '.';
        string mode = parts.Length == 3 ? parts[2] : "";
        string destination = Destinations(parts[1], "volume", text);
        List<string> options = [];
        VolumeChoice choice = new();
        string? relabel = null;
        foreach (string option in mode.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            switch (option)
            {
                case "z" or "Z" when relabel is null: // without meaning where SELinux does not run
                    relabel = option == "z" ? SharedLabel : PrivateLabel;
                    break;
                case "z" or "Z":
                    throw Invalid("volume", text, "one of z and Z is enough");
                case "cached" or "delegated" or "consistent":
                    break; // said to machines that share folders with a guest
                case "nocopy" or "copy" when !isPath:
                    choice = choice with { NoCopy = option == "nocopy" };
                    break;
                case "ro" or "rw" or "nosuid" or "nodev" or "noexec":
                    options.Add(option);
                    break;
                default:
                    if (!isPath || (option is not ("bind" or "rbind") && !s_propagations.Contains(option)))
                        throw Invalid("volume", text, $"unknown option '{option}'");
                    options.Add(option);
                    break;
            }
        }
        if (isPath)
            return Bind(Path.GetFullPath(parts[0]), destination, options) with { Mode = mode, Relabel = relabel };
        VolumeName.Validate(parts[0]);
        return OfVolume(parts[0], destination, options, choice) with { Mode = mode, Relabel = relabel };
    }

    private static MountOption Unnamed(string destination, IReadOnlyList<string> options, VolumeChoice? choice = null) =>
        OfVolume("", destination, options, (choice ?? new()) with { IsAnonymous = true });

    private static MountOption OfVolume(string name, string destination, IReadOnlyList<string> options, VolumeChoice choice) =>
        Bind(name, destination, options) with { Kind = MountKind.Volume, Volume = choice };
}
