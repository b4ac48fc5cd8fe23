using Rundlet.Linux;

namespace Rundlet.Engine.Cdi;

/// <summary>A device of the Container Device Interface: <c>vendor.com/class=name</c>.</summary>
/// <param name="Kind">The vendor and class, <c>vendor.com/class</c>.</param>
/// <param name="Device">The name within the kind.</param>
public sealed record CdiName(string Kind, string Device)
{
    /// <summary>Reads a name.</summary>
    /// <exception cref="ContainerException">InvalidArgument.</exception>
    public static CdiName Parse(string text)
    {
        int equals = text.IndexOf('=');
        return equals > 0 && IsKind(text[..equals]) && IsDevice(text[(equals + 1)..])
            ? new CdiName(text[..equals], text[(equals + 1)..])
            : throw new ContainerException(ContainerErrorKind.InvalidArgument, $"invalid device '{text}'") { Hint = "write VENDOR/CLASS=NAME, as in vendor.com/gpu=0, or the path of a device" };
    }

    /// <summary>Whether a text is a vendor and a class (SPEC.md, "Kind").</summary>
    public static bool IsKind(string text)
    {
        int slash = text.IndexOf('/');
        return slash > 0 && IsWord(text[..slash], "_-.") && IsWord(text[(slash + 1)..], "_-.") && char.IsAsciiLetter(text[0]) && char.IsAsciiLetter(text[slash + 1]);
    }

    /// <summary>Whether a text is a device's name (SPEC.md, "CDI Devices").</summary>
    public static bool IsDevice(string text) => IsWord(text, "_-.:");

    /// <inheritdoc/>
    public override string ToString() => $"{Kind}={Device}";

    private static bool IsWord(string text, string inner)
    {
        const int MaxLength = 253;
        return text.Length is > 0 and <= MaxLength && char.IsAsciiLetterOrDigit(text[0]) && char.IsAsciiLetterOrDigit(text[^1])
            && text.All(c => char.IsAsciiLetterOrDigit(c) || inner.Contains(c));
    }
}
