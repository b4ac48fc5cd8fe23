using System.Text;
using Rundlet.Images.Files;
using Rundlet.Linux;
using Rundlet.Linux.Mounts;
using Rundlet.Syscalls;

namespace Rundlet.Images.Tests.Diffs;

/// <summary>A container's files without a container: two layers, an upper folder, and the overlay of them, mounted nowhere.</summary>
internal sealed class OverlayScene : IDisposable
{
    private readonly Sandbox _sandbox = new();
    private OwnedFd? _merged;

    public OverlayScene()
    {
        foreach (string name in (string[])["bottom", "top", "upper", "work"])
            Directory.CreateDirectory($"{_sandbox.Root}/{name}");
    }

    public string Bottom => $"{_sandbox.Root}/bottom";

    public string Top => $"{_sandbox.Root}/top";

    /// <summary>Where the container's view is, from the first look on; the layers must be filled before.</summary>
    public string View => $"/proc/self/fd/{(_merged ??= Describe().Open()).Value}";

    public OwnedFd OpenUpper() => FileIo.Open(_sandbox.RootFd.Value, "upper", O.RDONLY | O.DIRECTORY);

    public OwnedFd OpenLower() => new OverlayMount { Lower = [Top, Bottom] }.Open();

    /// <summary>The layers with another folder on top, read-only.</summary>
    public OwnedFd OpenWith(string top) => new OverlayMount { Lower = [top, Top, Bottom] }.Open();

    public static void Write(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text, Encoding.UTF8);
    }

    public void Dispose()
    {
        _merged?.Dispose();
        _sandbox.Dispose();
    }

    private OverlayMount Describe() => new()
    {
        Lower = [Top, Bottom],
        Upper = $"{_sandbox.Root}/upper",
        Work = $"{_sandbox.Root}/work",
        Options = ["redirect_dir=off", "metacopy=off"],
    };
}
