using System.Net.Sockets;
using Rundlet.Images.Registry.Auth;
using Rundlet.Images.Registry.Configuration;
using Rundlet.Images.Registry.Http;

namespace Rundlet.Images.Registry;

/// <summary>One registry: where it answers, and what it wants to see.</summary>
internal sealed class RegistryEndpoint
{
    // Docker's registry has a name that people type, and a host that answers.
    private const string DockerName = "docker.io", DockerHost = "registry-1.docker.io";

    private readonly HostPool _pool;
    private readonly RegistrySecurity _security;
    private readonly Lock _lock = new();
    private Uri? _base;

    public RegistryEndpoint(string name, HostPool pool, HttpExchange exchange)
    {
        Name = name;
        _pool = pool;
        _security = pool.Options.Config.SecurityOf(name);
        Authorizer = new Authorizer(name, pool.Options.Credentials, new TokenServer(name, exchange, pool.Options.Time), pool.Options.Time);
    }

    /// <summary>Host, with a port where the reference has one.</summary>
    public string Name { get; }

    /// <summary>What it wants to see.</summary>
    public Authorizer Authorizer { get; }

    /// <summary>Whether it was found not to answer; then it is not asked again where another may be.</summary>
    public bool IsDown { get; set; }

    private bool Verify => _security == RegistrySecurity.Verified;

    /// <summary>A call to the registry.</summary>
    /// <param name="method">Its method.</param>
    /// <param name="path">Path and query beneath <c>/v2/</c>.</param>
    /// <param name="repository">What is worked with; empty for the registry itself.</param>
    /// <param name="scope">What a token must allow, see <see cref="TokenScope"/>.</param>
    /// <param name="cancel">Ends it.</param>
    /// <exception cref="Linux.ContainerException">Nobody answers.</exception>
    public HttpCall Call(HttpMethod method, string path, string repository, string scope, CancellationToken cancel) =>
        CallTo(method, new Uri(Base(cancel), $"v2/{path}"), repository, scope, cancel);

    /// <summary>A call to an address that the registry gave; what is for the registry is shown to it alone.</summary>
    /// <inheritdoc cref="Call"/>
    public HttpCall CallTo(HttpMethod method, Uri address, string repository, string scope, CancellationToken cancel)
    {
        Uri home = Base(cancel);
        var call = new HttpCall(Name, method, address, Verify);
        return address.Scheme != home.Scheme || address.Authority != home.Authority ? call : call with
        {
            Authorization = () => Authorizer.Header(repository, scope, Verify, cancel),
            Challenged = (shown, fields) => Authorizer.Learn(shown, fields, repository, scope, Verify, cancel),
        };
    }

    private Uri Base(CancellationToken cancel)
    {
        lock (_lock)
        {
            if (_base is not null)
                return _base;
            string host = Name == DockerName ? DockerHost : Name;
            try
            {
                return _base = _pool.Locate(host, _security, cancel);
            }
            catch (SocketException e)
            {
                var address = new Uri($"https://{host}/");
                throw TransportError.Explain(e, new HttpCall(Name, HttpMethod.Get, address, Verify), address, _pool);
            }
        }
    }
}
