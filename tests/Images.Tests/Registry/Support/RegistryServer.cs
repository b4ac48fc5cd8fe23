using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Text.RegularExpressions;

namespace Rundlet.Images.Tests.Registry;

/// <summary>
/// Debian's <c>docker-registry</c> on a free port of loopback with a folder of its own; it ends when this is disposed, with all that it had.
/// </summary>
public sealed partial class RegistryServer : IDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(20);

    private readonly Process _process;
    private readonly HttpClient _client;

    /// <summary>Starts one.</summary>
    /// <param name="tls">Certificate and key; null for plain HTTP.</param>
    /// <param name="auth">Lines of its configuration beneath <c>auth:</c>; null for none.</param>
    /// <param name="clientAuthority">PEM file of the authority whose certificates clients must show; null where they need none.</param>
    public RegistryServer((string Certificate, string Key)? tls = null, string? auth = null, string? clientAuthority = null)
    {
        Folder = Directory.CreateTempSubdirectory("rundlet-registry-").FullName;
        string config = $"{Folder}/config.yml";
        File.WriteAllText(config, Configuration(tls, auth, clientAuthority));
        _process = Process.Start(new ProcessStartInfo("docker-registry", ["serve", config]) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        try
        {
            Host = $"127.0.0.1:{AwaitPort()}";
        }
        catch
        {
            Stop();
            throw;
        }
        _client = new HttpClient(new SocketsHttpHandler { SslOptions = { RemoteCertificateValidationCallback = (_, _, _, _) => true } }) { BaseAddress = new Uri($"{(tls is null ? "http" : "https")}://{Host}/") };
    }

    /// <summary>Its folder; whoever starts it may put files there.</summary>
    public string Folder { get; }

    /// <summary>Address and port.</summary>
    public string Host { get; }

    /// <summary>Where it keeps a blob.</summary>
    public string BlobPath(string digest) => $"{Folder}/data/docker/registry/v2/blobs/sha256/{digest[7..9]}/{digest[7..]}/data";

    /// <summary>Puts an image there.</summary>
    public async Task PushAsync(string repository, string tag, TestImage image, AuthenticationHeaderValue? authorization = null)
    {
        await PushBlobsAsync(repository, [image.Config, .. image.Layers], authorization);
        await PutManifestAsync(repository, tag, image.Manifest, TestImage.ManifestType, authorization);
    }

    /// <summary>Puts blobs there.</summary>
    public async Task PushBlobsAsync(string repository, IReadOnlyList<byte[]> blobs, AuthenticationHeaderValue? authorization = null)
    {
        foreach (byte[] blob in blobs)
        {
            using HttpResponseMessage begun = await SendAsync(HttpMethod.Post, new Uri($"v2/{repository}/blobs/uploads/", UriKind.Relative), null, authorization);
            Uri place = begun.Headers.Location!;
            string separator = place.OriginalString.Contains('?') ? "&" : "?";
            using HttpResponseMessage stored = await SendAsync(HttpMethod.Put, new Uri($"{place.OriginalString}{separator}digest={TestImage.DigestOf(blob)}", UriKind.RelativeOrAbsolute), new ByteArrayContent(blob), authorization);
        }
    }

    /// <summary>Puts a manifest or an index there, whose blobs it has.</summary>
    public async Task PutManifestAsync(string repository, string reference, byte[] document, string type, AuthenticationHeaderValue? authorization = null)
    {
        var content = new ByteArrayContent(document);
        content.Headers.ContentType = new MediaTypeHeaderValue(type);
        using HttpResponseMessage put = await SendAsync(HttpMethod.Put, new Uri($"v2/{repository}/manifests/{reference}", UriKind.Relative), content, authorization);
    }

    public void Dispose()
    {
        _client.Dispose();
        Stop();
    }

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, Uri place, HttpContent? content, AuthenticationHeaderValue? authorization)
    {
        using var request = new HttpRequestMessage(method, place) { Content = content };
        request.Headers.Authorization = authorization;
        HttpResponseMessage answer = await _client.SendAsync(request);
        Assert.True(answer.IsSuccessStatusCode, $"{method} {place}: {answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
        return answer;
    }

    private void Stop()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        Directory.Delete(Folder, recursive: true);
    }

    private string Configuration((string Certificate, string Key)? tls, string? auth, string? clientAuthority)
    {
        string secure = tls is not { } files ? "" : $"  tls:\n    certificate: {files.Certificate}\n    key: {files.Key}\n"
            + (clientAuthority is null ? "" : $"    clientcas:\n      - {clientAuthority}\n");
        return $"version: 0.1\nlog:\n  level: info\n  accesslog:\n    disabled: true\nstorage:\n  filesystem:\n    rootdirectory: {Folder}/data\n  delete:\n    enabled: true\n"
            + $"http:\n  addr: 127.0.0.1:0\n{secure}" + (auth is null ? "" : $"auth:\n{auth}");
    }

    // It tells its port in its log; the rest of the log must go somewhere.
    private string AwaitPort()
    {
        using var found = new ManualResetEventSlim();
        string? port = null;
        var log = new System.Text.StringBuilder();
        void Look(object sender, DataReceivedEventArgs line)
        {
            lock (log)
                log.AppendLine(line.Data);
            if (port is null && Listening().Match(line.Data ?? "") is { Success: true } match)
            {
                port = match.Groups["port"].Value;
                found.Set();
            }
        }
        _process.ErrorDataReceived += Look;
        _process.OutputDataReceived += Look;
        _process.BeginErrorReadLine();
        _process.BeginOutputReadLine();
        bool began = found.Wait(s_limit);
        lock (log)
            return began ? port! : throw new InvalidOperationException($"docker-registry does not begin: {log}");
    }

    [GeneratedRegex(@"listening on 127\.0\.0\.1:(?<port>\d+)")]
    private static partial Regex Listening();
}
