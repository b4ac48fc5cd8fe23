using System.Text;
using Rundlet.Images.Registry.Credentials;
using Rundlet.Linux;

namespace Rundlet.Images.Registry.Auth;

/// <summary>
/// What one registry wants to see, learned from its first challenge and kept: the next request brings it along.
/// <code>
/// request ──► 401 WWW-Authenticate ──► Bearer: a token by scope, from the token server ──► request
///                                      Basic: user and password                       ──► request
/// </code>
/// </summary>
internal sealed class Authorizer(string registry, ICredentialSource credentials, TokenServer tokens, TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, AccessToken> _tokens = [];
    private readonly Dictionary<string, RegistryCredential?> _credentials = [];
    private AuthChallenge? _challenge;

    /// <summary>What to show: the value of <c>Authorization</c>; null where nothing was asked for yet, or there is nothing to show.</summary>
    /// <param name="repository">What is worked with.</param>
    /// <param name="scope">See <see cref="TokenScope"/>.</param>
    /// <param name="verify">Whether a token server must be trusted.</param>
    /// <param name="cancel">Ends it.</param>
    /// <exception cref="ContainerException">The token server refuses or does not answer.</exception>
    public string? Header(string repository, string scope, bool verify, CancellationToken cancel)
    {
        lock (_lock)
        {
            if (CredentialFor(repository)?.RegistryToken is { } own)
                return Bearer(own);
            return _challenge switch
            {
                { Scheme: "basic" } => CredentialFor(repository) is { Password: not null } credential ? Basic(credential) : null,
                { Scheme: "bearer" } => Bearer((Valid(scope) ?? Fetch(repository, scope, scope, verify, cancel)).Value),
                _ => null,
            };
        }
    }

    /// <summary>Learns from a challenge.</summary>
    /// <param name="shown">What the request had shown; null for nothing.</param>
    /// <param name="fields">The values of <c>WWW-Authenticate</c>.</param>
    /// <inheritdoc cref="Header"/>
    /// <returns>Whether there is something else to show now.</returns>
    public bool Learn(string? shown, IEnumerable<string> fields, string repository, string scope, bool verify, CancellationToken cancel)
    {
        List<AuthChallenge> challenges = [.. fields.SelectMany(ChallengeReader.Read)];
        AuthChallenge? choice = challenges.Find(challenge => challenge.Scheme == "bearer" && challenge["realm"] is not null)
            ?? challenges.Find(challenge => challenge.Scheme == "basic");
        if (choice is null)
            return false;
        lock (_lock)
        {
            _challenge = choice;
            RegistryCredential? credential = CredentialFor(repository);
            if (credential?.RegistryToken is not null)
                return false;
            if (choice.Scheme == "basic")
                return credential is { Password: not null } && Basic(credential) != shown;
            // Another thread may have a new one already.
            if (Valid(scope) is { } present && Bearer(present.Value) != shown)
                return true;
            _tokens.Remove(scope);
            Fetch(repository, scope, TokenScope.Union(scope, choice["scope"]), verify, cancel);
            return true;
        }
    }

    /// <summary>Whether somebody is logged in there.</summary>
    public bool HasCredential(string repository)
    {
        lock (_lock)
            return CredentialFor(repository) is not null;
    }

    /// <summary>User and password as RFC 7617 writes them.</summary>
    public static string Basic(RegistryCredential credential) =>
        "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{credential.User}:{credential.Password}"));

    private static string Bearer(string token) => "Bearer " + token;

    private AccessToken? Valid(string scope) => _tokens.TryGetValue(scope, out AccessToken? token) && token.Until > time.GetUtcNow() ? token : null;

    private AccessToken Fetch(string repository, string key, string scope, bool verify, CancellationToken cancel) =>
        _tokens[key] = tokens.Fetch(_challenge!["realm"]!, _challenge["service"], scope, CredentialFor(repository), verify, cancel);

    // Helpers are programs: each is asked once.
    private RegistryCredential? CredentialFor(string repository)
    {
        if (!_credentials.TryGetValue(repository, out RegistryCredential? credential))
            _credentials[repository] = credential = credentials.Find(registry, repository);
        return credential;
    }
}
