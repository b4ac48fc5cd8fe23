using System.Net;

namespace Rundlet.Runtime.Supervision;

/// <summary>A port of the host at which the supervisor listens, and where in the container it leads.</summary>
/// <param name="IsDatagram">UDP; else TCP.</param>
/// <param name="At">The host's address and port; <c>0.0.0.0</c> and <c>::</c> are all of one family, never of both.</param>
/// <param name="Target">The container's address and port, of either family.</param>
public sealed record ProxiedPort(bool IsDatagram, IPEndPoint At, IPEndPoint Target)
{
    /// <summary>The place on the host, as in <c>[::1]:80/tcp</c>.</summary>
    public string Place => $"{At}/{(IsDatagram ? DatagramWord : StreamWord)}";

    internal const string StreamWord = "tcp", DatagramWord = "udp";
}
