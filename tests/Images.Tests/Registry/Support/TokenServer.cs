using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;

namespace Rundlet.Images.Tests.Registry;

/// <summary>
/// A token server of the bearer flow: it signs tokens that Debian's registry believes, gives anybody what is to be read, and to those
/// who log in the right to write.
/// </summary>
public sealed class TokenServer : IDisposable
{
    public const string User = "ann", Password = "s3cret: with colon", Service = "registry of a test", Issuer = "issuer of a test", RefreshToken = "refresh-me";

    private readonly X509Certificate2 _certificate;
    private readonly MisbehavingRegistry _server;
    private readonly ConcurrentQueue<string> _scopes = [];

    /// <summary>Starts it.</summary>
    /// <param name="seconds">How long its tokens are good.</param>
    public TokenServer(int seconds = 300)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=token server", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        _certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        Seconds = seconds;
        _server = new MisbehavingRegistry(Answer);
    }

    public int Seconds { get; }

    public string Host => _server.Host;

    /// <summary>What tokens were given for, in order.</summary>
    public IReadOnlyList<string> Scopes => [.. _scopes];

    public IReadOnlyList<RawRequest> Requests => _server.Requests;

    /// <summary>What a registry's configuration says of it.</summary>
    /// <param name="folder">Where to leave the certificate.</param>
    public string Configuration(string folder)
    {
        File.WriteAllText($"{folder}/tokens.pem", _certificate.ExportCertificatePem());
        return $"  token:\n    realm: http://{Host}/token\n    service: {Service}\n    issuer: {Issuer}\n    rootcertbundle: {folder}/tokens.pem\n";
    }

    public void Dispose()
    {
        _server.Dispose();
        _certificate.Dispose();
    }

    private RawAnswer Answer(RawRequest request)
    {
        string query = request.Method == "POST" ? Encoding.UTF8.GetString(request.Body) : request.Target[(request.Target.IndexOf('?') + 1)..];
        List<(string Name, string Value)> fields = [.. query.Split('&').Select(pair => pair.Split('=', 2)).Select(pair => (pair[0], Uri.UnescapeDataString(pair[1].Replace('+', ' '))))];
        string? Field(string name) => fields.Find(field => field.Name == name).Value;
        string expected = "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{User}:{Password}"));
        bool isAnn = request.Method == "POST" ? Field("grant_type") == "refresh_token" && Field("refresh_token") == RefreshToken : request["Authorization"] == expected;
        if (Field("service") != Service)
            return RawAnswer.Text(400, """{"error":"invalid_service"}""");
        if (!isAnn && (request.Method == "POST" || request["Authorization"] is not null))
            return RawAnswer.Text(401, """{"errors":[{"code":"UNAUTHORIZED","message":"wrong login"}]}""");
        string[] scopes = [.. fields.Where(field => field.Name == "scope").SelectMany(field => field.Value.Split(' '))];
        _scopes.Enqueue(string.Join(' ', scopes));
        string token = Sign(isAnn, scopes);
        return RawAnswer.Text(200, $$"""{"{{(isAnn ? "access_token" : "token")}}":"{{token}}","expires_in":{{Seconds}}}""");
    }

    private string Sign(bool isAnn, string[] scopes)
    {
        string Access(string scope)
        {
            string[] parts = scope.Split(':');
            IEnumerable<string> actions = parts[2].Split(',').Where(action => isAnn || action == "pull");
            return $$"""{"type":"{{parts[0]}}","name":"{{parts[1]}}","actions":[{{string.Join(',', actions.Select(action => $"\"{action}\""))}}]}""";
        }
        long now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        string head = $$"""{"alg":"ES256","typ":"JWT","x5c":["{{Convert.ToBase64String(_certificate.RawData)}}"]}""";
        string body = $$"""{"iss":"{{Issuer}}","aud":"{{Service}}","sub":"{{(isAnn ? User : "")}}","nbf":{{now - 10}},"iat":{{now}},"exp":{{now + 300}},"jti":"{{Guid.NewGuid()}}","access":[{{string.Join(',', scopes.Where(scope => scope.Length > 0).Select(Access))}}]}""";
        using (JsonDocument.Parse(body)) // a mistake of the test's own is seen here
        {
        }
        string signed = $"{Encode(Encoding.UTF8.GetBytes(head))}.{Encode(Encoding.UTF8.GetBytes(body))}";
        using ECDsa key = _certificate.GetECDsaPrivateKey()!;
        return $"{signed}.{Encode(key.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256))}";
    }

    private static string Encode(byte[] bytes) => Convert.ToBase64String(bytes).TrimEnd('=').Replace('+', '-').Replace('/', '_');
}
