namespace Rundlet.Images.Registry.Http;

/// <summary>A request, as often as it must be made: at each address that it is led to, and again after a failure.</summary>
/// <param name="Registry">The registry for whose sake it is made, for errors.</param>
/// <param name="Method">Its method.</param>
/// <param name="Address">Where to.</param>
/// <param name="Verify">Whether hosts must speak TLS and be trusted.</param>
internal sealed record HttpCall(string Registry, HttpMethod Method, Uri Address, bool Verify)
{
    /// <summary>Adds fields and content.</summary>
    public Action<HttpRequestMessage>? Prepare { get; init; }

    /// <summary>What to show to the first host, and to no other.</summary>
    public Func<string?>? Authorization { get; init; }

    /// <summary>What was shown, and the challenges of the answer 401: whether to try again.</summary>
    public Func<string?, IEnumerable<string>, bool>? Challenged { get; init; }

    /// <summary>Whether a broken connection is a reason to try again.</summary>
    public bool MayRepeat { get; init; } = true;

    /// <summary>Whether even a refused connection is: the host answered a moment ago.</summary>
    public bool IsPatient { get; init; }
}
