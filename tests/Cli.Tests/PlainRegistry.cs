using System.Net;
using System.Net.Sockets;
using Rundlet.Oci;

namespace Rundlet.Cli.Tests;

/// <summary>A registry on loopback that only hands out; a layer can be held back.</summary>
internal sealed class PlainRegistry : IDisposable
{
    private readonly HttpListener _listener;
    private readonly Dictionary<string, Descriptor> _references = [];
    private readonly Dictionary<string, byte[]> _blobs = [];
    private readonly ManualResetEventSlim _gate = new(initialState: true);
    private readonly Task _serving;

    public PlainRegistry()
    {
        (_listener, Host) = Listen();
        _serving = Task.Run(Serve);
    }

    /// <summary>What references to it begin with.</summary>
    public string Host { get; }

    /// <summary>Is set when a layer is asked for while layers are held back.</summary>
    public ManualResetEventSlim Waiting { get; } = new();

    /// <summary>Holds layers back, or lets them go.</summary>
    public bool HoldsLayers
    {
        set
        {
            if (value)
                _gate.Reset();
            else
                _gate.Set();
        }
    }

    /// <summary>Has an image under a tag.</summary>
    /// <returns>Its reference.</returns>
    public string Publish(string repository, string tag, Picture picture)
    {
        lock (_references)
        {
            _references[$"{repository}:{tag}"] = picture.Top;
            foreach ((Digest digest, byte[] bytes) in picture.Blobs)
                _blobs[digest.ToString()] = bytes;
        }
        return $"{Host}/{repository}:{tag}";
    }

    public void Dispose()
    {
        _gate.Set();
        _listener.Close(); // once: a second end of it binds the port anew, which may be another test's by then
        _serving.Wait();
        _gate.Dispose();
        Waiting.Dispose();
    }

    // A listener of this kind does not choose a port itself, and one that was free a moment ago may be another test's by now.
    private static (HttpListener Listener, string Host) Listen()
    {
        for (int attempt = 1; ; attempt++)
        {
            using var probe = new TcpListener(IPAddress.Loopback, 0);
            probe.Start();
            string host = $"127.0.0.1:{((IPEndPoint)probe.LocalEndpoint).Port}";
            probe.Stop();
            var listener = new HttpListener();
            listener.Prefixes.Add($"http://{host}/");
            try
            {
                listener.Start();
                return (listener, host);
            }
            catch (HttpListenerException) when (attempt < 50)
            {
                listener.Close();
            }
        }
    }

    private void Serve()
    {
        List<Task> answers = [];
        while (_listener.IsListening)
        {
            try
            {
                HttpListenerContext context = _listener.GetContext();
                answers.Add(Task.Run(() => Answer(context)));
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException or InvalidOperationException)
            {
                break; // it was stopped
            }
        }
        Task.WaitAll(answers);
    }

    private byte[] TagsOf(string repository)
    {
        IEnumerable<string> tags = _references.Keys.Where(key => key.StartsWith(repository + ":", StringComparison.Ordinal)).Select(key => $"\"{key[(repository.Length + 1)..]}\"");
        return System.Text.Encoding.UTF8.GetBytes($"{{\"name\":\"{repository}\",\"tags\":[{string.Join(',', tags.Order(StringComparer.Ordinal))}]}}");
    }

    private void Answer(HttpListenerContext context)
    {
        try
        {
            string[] parts = context.Request.Url!.AbsolutePath.Split('/', StringSplitOptions.RemoveEmptyEntries);
            string repository = string.Join('/', parts.Skip(1).SkipLast(2)), name = parts[^1];
            byte[]? content;
            string type = "application/octet-stream", digest = name;
            lock (_references)
            {
                if (parts.Length > 3 && parts[^2] == "manifests" && _references.TryGetValue($"{repository}:{name}", out Descriptor? top))
                    (type, digest) = (top.MediaType, top.Digest.ToString());
                else if (parts.Length > 3 && parts[^2] == "manifests")
                    type = MediaTypes.Manifest;
                content = _blobs.GetValueOrDefault(digest);
                if (parts.Length > 3 && parts[^2] == "tags")
                    (type, content) = ("application/json", TagsOf(repository));
            }
            if (parts.Length > 3 && parts[^2] == "blobs" && content is { Length: > 1024 } && !_gate.IsSet)
            {
                Waiting.Set();
                _gate.Wait();
            }
            context.Response.StatusCode = content is null && parts.Length > 1 ? 404 : 200;
            if (content is not null)
            {
                context.Response.ContentType = type;
                context.Response.Headers["Docker-Content-Digest"] = digest;
                context.Response.ContentLength64 = content.Length;
                if (context.Request.HttpMethod == "GET")
                    context.Response.OutputStream.Write(content);
            }
            context.Response.Close();
        }
        catch (Exception e) when (e is HttpListenerException or IOException or ObjectDisposedException or InvalidOperationException)
        {
            context.Response.Abort(); // the client has gone, which some tests want
        }
    }
}
