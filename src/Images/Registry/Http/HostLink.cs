using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;

namespace Rundlet.Images.Registry.Http;

/// <summary>
/// Connections to one host, kept for the next request. Everything is blocking, on the thread of whoever asks: transfers are few and
/// long, and a blocking socket that no asynchronous call ever touched is the fastest to read.
/// </summary>
internal sealed class HostLink : IDisposable
{
    private readonly RegistryOptions _options;
    private readonly HttpMessageInvoker _invoker;

    /// <summary>Makes the link; nothing is connected yet.</summary>
    /// <param name="names">The host's names among certificates.</param>
    /// <param name="verify">Whether its certificate must be trusted.</param>
    /// <param name="options">Folders, proxies, timeouts.</param>
    public HostLink(IReadOnlyList<string> names, bool verify, RegistryOptions options)
    {
        _options = options;
        HostCertificates certificates = HostCertificates.Read(options.CertificateFolders, names);
        Trust = new ServerTrust(certificates.Authorities);
        _invoker = new HttpMessageInvoker(new SocketsHttpHandler
        {
            AllowAutoRedirect = false, // we look at each hop
            UseCookies = false,
            AutomaticDecompression = DecompressionMethods.None, // digests are of what is sent
            Proxy = options.Proxy,
            UseProxy = options.Proxy is not null,
            ActivityHeadersPropagator = null,
            ConnectTimeout = options.ConnectTimeout,
            ConnectCallback = Connect,
            MaxResponseDrainSize = 0, // what is given up is closed, at once
            PooledConnectionLifetime = Timeout.InfiniteTimeSpan,
            SslOptions = new SslClientAuthenticationOptions
            {
                ClientCertificates = certificates.Clients.Count > 0 ? certificates.Clients : null,
                RemoteCertificateValidationCallback = verify ? Trust.Accepts : static (_, _, _, _) => true,
                CertificateChainPolicy = new X509ChainPolicy { RevocationMode = X509RevocationMode.NoCheck, DisableCertificateDownloads = true },
            },
        });
    }

    /// <summary>What it thinks of the host's certificate.</summary>
    public ServerTrust Trust { get; }

    /// <summary>Sends a request; returns with the head of the answer, its body is still to come.</summary>
    /// <exception cref="HttpRequestException">No answer.</exception>
    /// <exception cref="IOException">The connection broke.</exception>
    /// <exception cref="OperationCanceledException">Canceled, or the connection took too long.</exception>
    public HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancel) => _invoker.Send(request, cancel);

    /// <inheritdoc/>
    public void Dispose() => _invoker.Dispose();

    /// <summary>Connects to a host, trying all its addresses.</summary>
    /// <param name="host">Name or address.</param>
    /// <param name="port">Port.</param>
    /// <param name="timeout">The longest to take.</param>
    /// <param name="stall">The longest that reading and writing may wait.</param>
    /// <param name="cancel">Ends it.</param>
    /// <exception cref="SocketException">No address answers, or there is none.</exception>
    public static NetworkStream Connect(string host, int port, TimeSpan timeout, TimeSpan stall, CancellationToken cancel)
    {
        IPAddress[] addresses = IPAddress.TryParse(host, out IPAddress? literal) ? [literal] : Dns.GetHostAddresses(host);
        SocketException? failure = null;
        foreach (IPAddress address in addresses)
        {
            using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
            limit.CancelAfter(timeout / addresses.Length);
            var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp)
            {
                NoDelay = true,
                ReceiveTimeout = (int)stall.TotalMilliseconds,
                SendTimeout = (int)stall.TotalMilliseconds,
            };
            try
            {
                using (limit.Token.UnsafeRegister(static socket => ((Socket)socket!).Dispose(), socket)) // nothing else ends a blocking connect
                    socket.Connect(address, port);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                socket.Dispose();
                cancel.ThrowIfCancellationRequested();
                failure = limit.IsCancellationRequested ? new SocketException((int)SocketError.TimedOut) : e as SocketException ?? failure;
            }
        }
        throw failure ?? new SocketException((int)SocketError.HostNotFound);
    }

    // On a thread of its own: those of the pool are two on a small machine, and name servers may be slow.
    private ValueTask<Stream> Connect(SocketsHttpConnectionContext context, CancellationToken cancel) =>
        new(BlockingTask.Run<Stream>(() => Connect(context.DnsEndPoint.Host, context.DnsEndPoint.Port, _options.ConnectTimeout, _options.StallTimeout, cancel), cancel));
}
