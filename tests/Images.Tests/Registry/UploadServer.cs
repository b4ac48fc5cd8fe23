using System.Globalization;

namespace Rundlet.Images.Tests.Registry;

/// <summary>The writing side of a registry, in memory, with one upload at a time and faults as a test wants them.</summary>
internal sealed class UploadServer : IDisposable
{
    private readonly MisbehavingRegistry _server;
    private byte[] _kept = [];
    private int _session;

    public UploadServer() => _server = new MisbehavingRegistry(Answer);

    public string Host => _server.Host;

    public IReadOnlyList<RawRequest> Requests => _server.Requests;

    /// <summary>What was uploaded, when it was ended.</summary>
    public byte[]? Stored { get; private set; }

    /// <summary>Looked at first; null lets the server do its work.</summary>
    public Func<RawRequest, RawAnswer?> Fault { get; set; } = _ => null;

    /// <summary>Fields of the answer that begins an upload.</summary>
    public (string Name, string Value)[] Fields { get; set; } = [];

    /// <summary>Keeps the first bytes of a piece, as if the rest had not come.</summary>
    public void KeepPart(RawRequest request, int bytes) => _kept = [.. _kept, .. request.Body[..bytes]];

    public void Dispose() => _server.Dispose();

    private RawAnswer Answer(RawRequest request) => Fault(request) ?? request.Method switch
    {
        "POST" => Begin(),
        "PATCH" => Append(request),
        "PUT" when request.Target.Contains("digest=", StringComparison.Ordinal) => End(request),
        "GET" => new RawAnswer(204, ("Range", Range()), ("Location", Location())),
        "DELETE" => new RawAnswer(204),
        _ => new RawAnswer(404),
    };

    private RawAnswer Begin()
    {
        _session++;
        _kept = [];
        return new RawAnswer(202, [("Location", Location()), .. Fields]);
    }

    private RawAnswer Append(RawRequest request)
    {
        if (request["Content-Range"] != string.Create(CultureInfo.InvariantCulture, $"{_kept.Length}-{_kept.Length + request.Body.Length - 1}"))
            return new RawAnswer(416, ("Range", Range()), ("Location", Location()));
        _kept = [.. _kept, .. request.Body];
        return new RawAnswer(202, ("Range", Range()), ("Location", Location()));
    }

    private RawAnswer End(RawRequest request)
    {
        byte[] all = [.. _kept, .. request.Body];
        if (!request.Target.Contains(Uri.EscapeDataString(TestImage.DigestOf(all)), StringComparison.Ordinal))
            return RawAnswer.Text(400, """{"errors":[{"code":"DIGEST_INVALID","message":"not that"}]}""");
        Stored = all;
        return new RawAnswer(201);
    }

    private string Location() => $"/v2/team/web/blobs/uploads/{_session}?_state={_kept.Length}";

    private string Range() => $"0-{Math.Max(0, _kept.Length - 1)}";
}
