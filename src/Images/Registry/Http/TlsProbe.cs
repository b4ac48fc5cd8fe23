using System.Net.Sockets;

namespace Rundlet.Images.Registry.Http;

/// <summary>
/// Finds out whether a port speaks TLS, where plain HTTP would do as well: one small question on a connection of its own, instead of a
/// handshake that fails. TLS answers with a record (RFC 8446, 5.1), HTTP with a complaint about the question.
/// </summary>
internal static class TlsProbe
{
    // A ClientHello of TLS 1.2 with one cipher suite. Where its random bytes stand are ends of lines, so that an HTTP server finds a
    // request that has an end.
    private static ReadOnlySpan<byte> Hello =>
    [
        0x16, 3, 1, 0, 45, // handshake, 45 bytes
        1, 0, 0, 41, 3, 3, // ClientHello, 41 bytes, TLS 1.2
        13, 10, 13, 10, 13, 10, 13, 10, 13, 10, 13, 10, 13, 10, 13, 10, 13, 10, 13, 10, 13, 10, 13, 10, 13, 10, 13, 10, 13, 10, 13, 10,
        0, // no session
        0, 2, 0xC0, 0x2F, // TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256
        1, 0, // no compression
    ];

    /// <summary>Asks.</summary>
    /// <param name="connection">A connection that was just made; is read once.</param>
    /// <returns>False where the answer is none of TLS's.</returns>
    public static bool SpeaksTls(Stream connection)
    {
        Span<byte> answer = stackalloc byte[1];
        try
        {
            connection.Write(Hello);
            return connection.Read(answer) == 1 && answer[0] is >= 20 and <= 23; // alert or handshake, of the types that there are
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            return false; // whoever hangs up on a greeting of TLS does not speak it
        }
    }
}
