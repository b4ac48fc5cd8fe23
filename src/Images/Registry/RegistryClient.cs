using Rundlet.Images.References;
using Rundlet.Images.Registry.Http;
using Rundlet.Linux;

namespace Rundlet.Images.Registry;

// What belongs in this folder: the protocol of registries (OCI distribution-spec 1.1), with what it stands on: connections, challenges,
// credentials, configuration. What does not: where blobs are kept, which of an image's blobs are wanted, and what a person sees of it.
//
//   RegistryClient ──► RegistrySource (mirror, or the registry) ──► HttpExchange ──► HostLink (connections to one host)
//        │                     └ Authorizer ──► TokenServer             redirects, challenges, retries
//        └ BlobStream: begins again where a connection drops

/// <summary>
/// A client of registries, for one command: it keeps connections and tokens until it is disposed. All methods may be called from several
/// threads at once. What is read comes from the first mirror that has it, or the registry; what is written goes to the registry.
/// </summary>
/// <remarks>
/// Methods fail with a <see cref="ContainerException"/>: <see cref="ContainerErrorKind.Unavailable"/> where trying again may help,
/// <see cref="ContainerErrorKind.PermissionDenied"/> for logins and trust, <see cref="ContainerErrorKind.NotFound"/>; and with
/// <see cref="OperationCanceledException"/> when canceled.
/// </remarks>
public sealed partial class RegistryClient : IDisposable
{
    private readonly RegistryOptions _options;
    private readonly HostPool _pool;
    private readonly HttpExchange _exchange;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, RegistryEndpoint> _endpoints = [];

    /// <summary>Makes a client; nothing is connected yet.</summary>
    public RegistryClient(RegistryOptions options)
    {
        _options = options;
        _pool = new HostPool(options);
        _exchange = new HttpExchange(_pool);
    }

    /// <inheritdoc/>
    public void Dispose() => _pool.Dispose();

    /// <summary>The registry itself.</summary>
    private RegistrySource HomeOf(ImageReference reference) => new(EndpointOf(reference.Registry), reference.Repository);

    /// <summary>Mirrors first, the registry last; those that do not answer are left out, but for the last.</summary>
    private List<RegistrySource> SourcesOf(ImageReference reference)
    {
        List<RegistrySource> sources = [];
        foreach (string mirror in _options.Config.MirrorsOf(reference.Registry))
        {
            int slash = mirror.IndexOf('/');
            RegistryEndpoint endpoint = EndpointOf(slash < 0 ? mirror : mirror[..slash]);
            if (!endpoint.IsDown)
                sources.Add(new RegistrySource(endpoint, slash < 0 ? reference.Repository : $"{mirror[(slash + 1)..]}/{reference.Repository}"));
        }
        sources.Add(HomeOf(reference));
        return sources;
    }

    /// <summary>Asks one source after the other; the last one's answer or error counts.</summary>
    private T? FromAny<T>(ImageReference reference, Func<RegistrySource, T?> ask) where T : class
    {
        List<RegistrySource> sources = SourcesOf(reference);
        foreach (RegistrySource mirror in sources.SkipLast(1))
        {
            try
            {
                if (ask(mirror) is { } answer)
                    return answer;
            }
            catch (ContainerException e)
            {
                mirror.Endpoint.IsDown = e.Kind == ContainerErrorKind.Unavailable; // the next one may be better
            }
        }
        return ask(sources[^1]);
    }

    private RegistryEndpoint EndpointOf(string registry)
    {
        lock (_lock)
        {
            if (!_endpoints.TryGetValue(registry, out RegistryEndpoint? endpoint))
                _endpoints[registry] = endpoint = new RegistryEndpoint(registry, _pool, _exchange);
            return endpoint;
        }
    }
}
