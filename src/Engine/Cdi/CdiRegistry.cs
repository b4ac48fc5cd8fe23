using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Engine.Cdi;

/// <summary>
/// The devices that specification files describe. A folder that comes later wins over an earlier one; two files of one folder that
/// describe the same device make it unusable.
/// </summary>
internal sealed class CdiRegistry
{
    private const string Variable = "RUNDLET_CDI_DIRS";

    private readonly List<CdiFile> _files = []; // the first that has a device is the one that is meant
    private readonly List<ContainerException> _problems = [];

    /// <summary>Reads the files of some folders; those that are not there have none.</summary>
    /// <param name="folders">The folders, the one that wins last.</param>
    public CdiRegistry(IEnumerable<string> folders)
    {
        foreach (string folder in folders.Reverse())
        {
            foreach (string path in Directory.Exists(folder) ? (IEnumerable<string>)Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal) : [])
            {
                if (Path.GetExtension(path) is ".json" or ".yaml" or ".yml")
                    TryRead(path);
            }
        }
    }

    /// <summary>What the environment's <c>RUNDLET_CDI_DIRS</c> says, with colons between the folders; else <c>/etc/cdi</c> and <c>/var/run/cdi</c>.</summary>
    public static IReadOnlyList<string> Folders =>
        Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } folders ? folders.Split(':', StringSplitOptions.RemoveEmptyEntries) : ["/etc/cdi", "/var/run/cdi"];

    /// <summary>The names of a kind's devices.</summary>
    public IEnumerable<string> DevicesOf(string kind) => _files.Where(file => file.Kind == kind).SelectMany(file => file.Devices.Keys).Distinct();

    /// <summary>The file that describes a device.</summary>
    /// <exception cref="ContainerException">NotFound; Conflict: two files do; InvalidArgument: the file that may is unusable.</exception>
    public CdiFile Find(CdiName name)
    {
        List<CdiFile> found = [.. _files.Where(file => file.Kind == name.Kind && file.Devices.ContainsKey(name.Device))];
        if (found.Count == 0)
            throw Missing(name);
        if (found.Count > 1 && Path.GetDirectoryName(found[0].Path) == Path.GetDirectoryName(found[1].Path))
            throw new ContainerException(ContainerErrorKind.Conflict, $"device '{name}' is described by '{found[0].Path}' and by '{found[1].Path}'");
        return found[0];
    }

    private ContainerException Missing(CdiName name)
    {
        if (_problems.Count > 0)
            return new ContainerException(ContainerErrorKind.InvalidArgument, $"device '{name}' is not described, and there is a file that cannot be read", _problems[0]);
        string? near = Nearest.Of(name.ToString(), _files.SelectMany(file => file.Devices.Keys.Select(device => $"{file.Kind}={device}")));
        return new ContainerException(ContainerErrorKind.NotFound, $"no file describes device '{name}'")
        {
            Hint = near is not null ? $"did you mean '{near}'?" : $"specification files are looked for in {string.Join(" and ", Folders)}",
        };
    }

    private void TryRead(string path)
    {
        try
        {
            _files.Add(CdiReader.Read(path));
        }
        catch (ContainerException e)
        {
            _problems.Add(e); // told when a device is missing: somebody else's file must not stop everybody
        }
        catch (LinuxException e)
        {
            _problems.Add(new ContainerException(ContainerErrorKind.Unavailable, $"device specification '{path}'", e));
        }
    }
}
