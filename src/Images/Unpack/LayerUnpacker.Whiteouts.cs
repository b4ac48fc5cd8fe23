using Rundlet.Images.Tar;
using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Images.Unpack;

public sealed partial class LayerUnpacker
{
    /// <summary>
    /// A whiteout hides what the layers below have under a name, never what this layer itself holds, whichever of the two stands first
    /// in the archive: a file of this layer replaces the whiteout, a folder becomes opaque.
    /// </summary>
    private void ApplyWhiteout(TarEntry entry, EntryPath path)
    {
        if (path.Base.SequenceEqual(OverlayForm.OpaqueMarker))
        {
            OverlayForm.MarkOpaque(_folders.Open(path.Parent));
            return;
        }
        if (path.Base.StartsWith(OverlayForm.AufsPrefix))
            return;
        byte[] name = path.Base[OverlayForm.WhiteoutPrefix.Length..].ToArray();
        if (name.Length == 0 || name.AsSpan().SequenceEqual("."u8) || name.AsSpan().SequenceEqual(".."u8))
            throw TarFormatError.In(entry, $"is a whiteout of '{ByteText.Show(name)}'");
        int folder = _folders.Open(path.Parent);
        int answer = Sys.mknodat(folder, name, S.IFCHR, 0);
        if (!Sys.Is(answer, Errno.EEXIST))
        {
            LinuxException.ThrowIfError(answer, "make whiteout");
            return;
        }
        if (TypeOf(folder, name, out _) != S.IFDIR)
            return;
        using OwnedFd own = OpenFolder(folder, name);
        OverlayForm.MarkOpaque(own.Value);
    }
}
