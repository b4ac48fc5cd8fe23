using Rundlet.Linux;

namespace Rundlet.Engine.Options;

/// <summary>What <c>--storage-opt</c> says.</summary>
public static class StorageOption
{
    /// <summary>The key of the only option that there is.</summary>
    public const string SizeKey = "size";

    /// <summary>The most that a container may write, in bytes; null where nothing says it.</summary>
    /// <param name="values">Each <c>KEY=VALUE</c>; the last one counts.</param>
    /// <exception cref="ContainerException">InvalidArgument: an option is unknown, or the size is none.</exception>
    public static long? ReadSize(IReadOnlyList<string> values)
    {
        long? size = null;
        foreach (string value in values)
        {
            int equals = value.IndexOf('=');
            if (equals < 0 || value[..equals] != SizeKey)
                throw new ContainerException(ContainerErrorKind.InvalidArgument, $"unknown storage option '{value}'") { Hint = "there is size=SIZE, as in size=10g" };
            size = ParseSize(value[(equals + 1)..], "storage size");
        }
        return size;
    }

    /// <summary>A size above 0.</summary>
    /// <exception cref="ContainerException">InvalidArgument.</exception>
    internal static long ParseSize(string text, string what)
    {
        long size = Quantity.ParseBytes(text, what);
        return size > 0 ? size : throw new ContainerException(ContainerErrorKind.InvalidArgument, $"invalid {what} '{text}'") { Hint = "want more than 0" };
    }
}
