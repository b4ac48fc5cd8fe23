using System.Buffers;
using Rundlet.Linux;

namespace Rundlet.Network;

/// <summary>Names from outside, before they become file names, interface names or comments.</summary>
internal static class Names
{
    private const int DefaultLimit = 128;

    private static readonly SearchValues<char> s_allowed =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-");

    /// <summary>Refuses anything but letters, digits, '_', '.', '-', and a name of dots or with a '.' or '-' in front.</summary>
    /// <exception cref="ContainerException">InvalidArgument.</exception>
    public static void Check(string what, string name, int limit = DefaultLimit)
    {
        if (name.Length == 0 || name.Length > limit || name[0] is '.' or '-' || name.AsSpan().ContainsAnyExcept(s_allowed))
            throw new ContainerException(ContainerErrorKind.InvalidArgument, $"invalid {what} '{Printable(name)}': want 1 to {limit} letters, digits, '_', '.', '-'");
    }

    /// <summary>The text with control characters replaced, safe to show.</summary>
    public static string Printable(string text) => string.Create(text.Length, text, static (shown, text) =>
    {
        for (int i = 0; i < shown.Length; i++)
            shown[i] = char.IsControl(text[i]) ? '?' : text[i];
    });
}
