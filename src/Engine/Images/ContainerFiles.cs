using System.Text;
using Rundlet.Engine.Operations;
using Rundlet.Engine.State;
using Rundlet.Images.Diffs;
using Rundlet.Linux;
using Rundlet.Linux.Mounts;
using Rundlet.Runtime.Supervision;
using Rundlet.Syscalls;

namespace Rundlet.Engine.Images;

/// <summary>
/// The files of a container, whether it runs or not: what it wrote, the layers below, and both together. Nothing is mounted where
/// anybody else could see it, and no path inside is ever looked up but beneath these fds.
/// </summary>
internal sealed class ContainerFiles : IDisposable
{
    private readonly OverlayConfig _overlay;
    private readonly IReadOnlyList<string> _mounts;
    private OwnedFd? _lower;

    private ContainerFiles(OverlayConfig overlay, IReadOnlyList<string> mounts)
    {
        _overlay = overlay;
        _mounts = mounts;
        Upper = FileIo.Open(Sys.AT_FDCWD, overlay.Upper!, O.RDONLY | O.DIRECTORY | O.NOFOLLOW);
    }

    /// <summary>The upper folder: what the container wrote.</summary>
    public OwnedFd Upper { get; }

    /// <summary>The layers below as they are seen together.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public OwnedFd Lower => _lower ??= Open(_overlay.Lower);

    /// <summary>Opens the files of a container.</summary>
    /// <exception cref="ContainerException">NotFound: it is gone, or half made; Unsupported: it has no writable layer of ours.</exception>
    public static ContainerFiles Open(ContainerEngine engine, ContainerRecord record)
    {
        OverlayConfig? overlay = OverlayOf(engine, record);
        if (overlay?.Upper is null)
        {
            throw new ContainerException(ContainerErrorKind.Unsupported, $"container '{record.Name}' has a copy of its image's files, and nothing tells what it changed")
            {
                Hint = "it was made without overlayfs; rundlet export packs all of its files",
            };
        }
        IEnumerable<string> mounts = InspectContainer.SpecOf(engine, record).Mounts?.Select(mount => mount.Destination) ?? [];
        return new ContainerFiles(overlay, [.. mounts]);
    }

    /// <summary>
    /// Opens the container's files as it sees them, without what is mounted on them. The upper folder is one more lower one here: two
    /// overlays must not write to the same.
    /// </summary>
    /// <exception cref="ContainerException">NotFound: it is gone, or half made.</exception>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static OwnedFd OpenRoot(ContainerEngine engine, ContainerRecord record)
    {
        if (OverlayOf(engine, record) is not { } overlay)
            return FileIo.Open(Sys.AT_FDCWD, $"{engine.Paths.Container(record.Id)}/rootfs", O.RDONLY | O.DIRECTORY | O.NOFOLLOW);
        return overlay.Upper is null ? Open(overlay.Lower) : Open([overlay.Upper, .. overlay.Lower]);
    }

    /// <summary>What is there only because something is mounted on it.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public MountStubs FindStubs() => MountStubs.Find(Upper.Value, Lower.Value, _mounts);

    /// <inheritdoc/>
    public void Dispose()
    {
        _lower?.Dispose();
        Upper.Dispose();
    }

    /// <summary>The overlay of a container; null where it has a copy of its image's files.</summary>
    /// <exception cref="ContainerException">NotFound: it is gone, or half made.</exception>
    public static OverlayConfig? OverlayOf(ContainerEngine engine, ContainerRecord record)
    {
        string path = $"{engine.Paths.Container(record.Id)}/{SupervisorConfig.FileName}";
        string text = FileIo.TryReadText(path) ?? throw new ContainerException(ContainerErrorKind.NotFound, $"no such container '{record.Name}'");
        return SupervisorConfig.Read(Encoding.UTF8.GetBytes(text)).Overlay;
    }

    /// <summary>Of a single folder the kernel makes no overlay without an upper one.</summary>
    private static OwnedFd Open(IReadOnlyList<string> folders) => folders is [var only]
        ? FileIo.Open(Sys.AT_FDCWD, only, O.PATH | O.DIRECTORY | O.NOFOLLOW)
        : new OverlayMount { Lower = folders }.Open();
}
