using System.Net;
using System.Text;
using System.Text.Json;
using Rundlet.Images.Registry.Credentials;
using Rundlet.Images.Registry.Http;
using Rundlet.Linux;

namespace Rundlet.Images.Registry.Auth;

/// <summary>
/// Fetches tokens as the distribution project's token and OAuth2 pages describe it: by GET, with user and password where there are some,
/// or by POST of a refresh token.
/// </summary>
internal sealed class TokenServer(string registry, HttpExchange exchange, TimeProvider time)
{
    private const string ClientId = "rundlet";
    private const int MaxBytes = 1 << 20, LeastSeconds = 60; // a token without a term lives a minute
    private const double Used = 0.9; // of its term

    /// <summary>Fetches one.</summary>
    /// <param name="realm">Where, as the challenge said.</param>
    /// <param name="service">For whom, as the challenge said; null where it did not.</param>
    /// <param name="scope">What for, see <see cref="TokenScope"/>; empty for nothing in particular.</param>
    /// <param name="credential">Who asks; null for nobody.</param>
    /// <param name="verify">Whether the server's certificate must be trusted, and TLS spoken.</param>
    /// <param name="cancel">Ends it.</param>
    /// <exception cref="ContainerException">PermissionDenied: it does not give one; Unavailable: it does not answer.</exception>
    public AccessToken Fetch(string realm, string? service, string scope, RegistryCredential? credential, bool verify, CancellationToken cancel)
    {
        if (!Uri.TryCreate(realm, UriKind.Absolute, out Uri? address) || address.Scheme is not ("http" or "https"))
            throw new ContainerException(ContainerErrorKind.Unavailable, $"registry '{registry}' names no token server that can be asked");
        if (verify && address.Scheme != Uri.UriSchemeHttps)
            throw new ContainerException(ContainerErrorKind.PermissionDenied, $"registry '{registry}' wants a token fetched without TLS, from '{address.Authority}'");
        HttpCall call = credential?.IdentityToken is { } refresh
            ? Post(address, service, scope, refresh, verify)
            : Get(address, service, scope, credential, verify);
        using HttpResponseMessage answer = exchange.Send(call, MaxBytes, out byte[] body, cancel);
        if (answer.StatusCode != HttpStatusCode.OK)
            throw Refused(answer.StatusCode, body, address, credential);
        return Read(body, address);
    }

    private HttpCall Get(Uri realm, string? service, string scope, RegistryCredential? credential, bool verify)
    {
        var query = new StringBuilder(realm.Query.TrimStart('?'));
        void Add(string name, string? value)
        {
            if (!string.IsNullOrEmpty(value))
                query.Append(query.Length > 0 ? "&" : "").Append(name).Append('=').Append(Uri.EscapeDataString(value));
        }
        Add("service", service);
        foreach (string one in scope.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            Add("scope", one);
        Add("client_id", ClientId);
        Add("account", credential?.User);
        string? basic = credential?.Password is null ? null : Authorizer.Basic(credential);
        return new HttpCall(registry, HttpMethod.Get, new UriBuilder(realm) { Query = query.ToString() }.Uri, verify) { Authorization = () => basic };
    }

    private HttpCall Post(Uri realm, string? service, string scope, string refresh, bool verify) =>
        new(registry, HttpMethod.Post, realm, verify)
        {
            Prepare = request => request.Content = new FormUrlEncodedContent(
            [
                new("grant_type", "refresh_token"),
                new("service", service ?? ""),
                new("client_id", ClientId),
                new("scope", scope),
                new("refresh_token", refresh),
            ]),
        };

    private AccessToken Read(byte[] body, Uri server)
    {
        try
        {
            using JsonDocument json = JsonDocument.Parse(body);
            string? value = Text(json, "token") ?? Text(json, "access_token");
            if (string.IsNullOrEmpty(value) || value.AsSpan().ContainsAnyExceptInRange('!', '~'))
                throw new FormatException();
            int seconds = json.RootElement.TryGetProperty("expires_in", out JsonElement term) && term.TryGetInt32(out int given) && given > 0 ? given : LeastSeconds;
            return new AccessToken(value, time.GetUtcNow() + seconds * Used * TimeSpan.FromSeconds(1));
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException)
        {
            throw new ContainerException(ContainerErrorKind.Unavailable, $"token server '{server.Authority}' of registry '{registry}' gives no token");
        }
    }

    private static string? Text(JsonDocument json, string name) =>
        json.RootElement.TryGetProperty(name, out JsonElement member) && member.ValueKind == JsonValueKind.String ? member.GetString() : null;

    private ContainerException Refused(HttpStatusCode status, byte[] body, Uri server, RegistryCredential? credential)
    {
        string told = $"token server '{server.Authority}' of registry '{registry}'";
        string detail = ResponseBody.Complaint(body);
        if (status is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden or HttpStatusCode.BadRequest)
        {
            return new ContainerException(ContainerErrorKind.PermissionDenied, credential is null ? $"{told} gives nobody a token{detail}" : $"{told} does not accept the login{detail}")
            {
                Hint = $"rundlet login {registry}",
            };
        }
        return new ContainerException(ContainerErrorKind.Unavailable, $"{told} answers {(int)status}{detail}");
    }
}
