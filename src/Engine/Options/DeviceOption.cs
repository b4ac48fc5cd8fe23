using Rundlet.Linux;

namespace Rundlet.Engine.Options;

/// <summary>A value of <c>--device</c>: a node of the host, or a folder of them.</summary>
/// <param name="Source">The absolute path on the host.</param>
/// <param name="Target">The absolute path in the container.</param>
/// <param name="Access">Letters of <c>r</c>, <c>w</c> and <c>m</c> (mknod).</param>
public sealed record DeviceOption(string Source, string Target, string Access)
{
    private const string All = "rwm";

    /// <summary>Reads <c>HOST[:CONTAINER][:rwm]</c>.</summary>
    /// <exception cref="ContainerException">InvalidArgument.</exception>
    public static DeviceOption Parse(string text)
    {
        string[] parts = text.Split(':');
        DeviceOption? option = parts switch
        {
            [var source] => new(source, source, All),
            [var source, var access] when IsAccess(access) => new(source, source, access),
            [var source, var target] => new(source, target, All),
            [var source, var target, var access] when IsAccess(access) => new(source, target, access),
            _ => null,
        };
        if (option is null || !IsPath(option.Source) || !IsPath(option.Target))
            throw new ContainerException(ContainerErrorKind.InvalidArgument, $"invalid device '{text}'") { Hint = "write HOST[:CONTAINER][:rwm] with absolute paths, or VENDOR/CLASS=NAME" };
        return option with { Source = Path.GetFullPath(option.Source), Target = Path.GetFullPath(option.Target) };
    }

    /// <summary>Whether letters are those of an access to devices.</summary>
    internal static bool IsAccess(string text) =>
        text.Length is > 0 and <= 3 && !text.AsSpan().ContainsAnyExcept(All) && text.Distinct().Count() == text.Length;

    private static bool IsPath(string path) => path.Length > 1 && path[0] == '/' && !path.Contains('\0');
}
