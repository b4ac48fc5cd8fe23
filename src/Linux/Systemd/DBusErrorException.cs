namespace Rundlet.Linux.Systemd;

/// <summary>A method call that was refused.</summary>
/// <param name="name">The error's name, such as <c>org.freedesktop.systemd1.NoSuchUnit</c>.</param>
/// <param name="message">What the other side says.</param>
internal sealed class DBusErrorException(string name, string message) : Exception(message)
{
    /// <summary>The error's name.</summary>
    public string Name => name;
}
