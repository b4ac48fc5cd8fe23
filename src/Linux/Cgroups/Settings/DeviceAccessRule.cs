namespace Rundlet.Linux.Cgroups;

/// <summary>Allows or denies access to some device nodes.</summary>
/// <param name="Allow">Allow or deny.</param>
/// <param name="Type">Kind of node.</param>
/// <param name="Major">Major number; null for any.</param>
/// <param name="Minor">Minor number; null for any.</param>
/// <param name="Access">What the rule is about.</param>
public readonly record struct DeviceAccessRule(bool Allow, DeviceType Type, uint? Major, uint? Minor, DeviceAccess Access)
{
    /// <summary>Whether it is about every device and every access.</summary>
    public bool IsForAll => Type == DeviceType.Any && Major is null && Minor is null && Access == DeviceAccess.All;

    /// <summary>As the device controller of v1 writes it: <c>c 1:3 rwm</c>.</summary>
    public string Text => $"{TypeLetter} {Number(Major)}:{Number(Minor)} {Letters(Access)}";

    private char TypeLetter => Type switch { DeviceType.Block => 'b', DeviceType.Character => 'c', _ => 'a' };

    /// <summary>Reads letters of <c>r</c>, <c>w</c> and <c>m</c>; none mean all of them.</summary>
    /// <exception cref="ContainerException">Another letter.</exception>
    public static DeviceAccess ParseAccess(ReadOnlySpan<char> letters)
    {
        DeviceAccess access = DeviceAccess.None;
        foreach (char letter in letters)
        {
            access |= letter switch
            {
                'r' => DeviceAccess.Read,
                'w' => DeviceAccess.Write,
                'm' => DeviceAccess.Mknod,
                _ => throw new ContainerException(ContainerErrorKind.InvalidArgument, $"device access '{letters}': letters must be of 'rwm'"),
            };
        }
        return access == DeviceAccess.None ? DeviceAccess.All : access;
    }

    /// <inheritdoc/>
    public override string ToString() => (Allow ? "allow " : "deny ") + Text;

    private static string Number(uint? number) => number is { } n ? n.ToString() : "*";

    private static string Letters(DeviceAccess access) => string.Concat(
        (access & DeviceAccess.Read) != 0 ? "r" : "",
        (access & DeviceAccess.Write) != 0 ? "w" : "",
        (access & DeviceAccess.Mknod) != 0 ? "m" : "");
}
