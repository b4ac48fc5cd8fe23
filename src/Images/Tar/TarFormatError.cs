using Rundlet.Linux;

namespace Rundlet.Images.Tar;

/// <summary>Tells what is wrong with an archive, and where.</summary>
internal static class TarFormatError
{
    public static ContainerException At(long offset, string problem, Exception? inner = null) =>
        new(ContainerErrorKind.InvalidArgument, $"tar header at byte {offset}: {problem}", inner);

    public static ContainerException In(TarEntry entry, string problem, Exception? inner = null) =>
        new(ContainerErrorKind.InvalidArgument, $"tar entry '{ByteText.Show(entry.Name)}' at byte {entry.Offset}: {problem}", inner);
}
