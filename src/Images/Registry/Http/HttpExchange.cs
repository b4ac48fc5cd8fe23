using System.Net;
using System.Net.Http.Headers;
using Rundlet.Linux;

namespace Rundlet.Images.Registry.Http;

/// <summary>
/// Makes calls: follows where an answer leads, shows what a challenge asks for, and tries again what may pass.
/// Never shows to one host what is meant for another, and never leaves TLS once it is demanded.
/// </summary>
internal sealed class HttpExchange(HostPool pool)
{
    private const int MostRedirects = 10, MostChallenges = 2;
    private static readonly ProductInfoHeaderValue s_agent = new("rundlet", "0.1");

    /// <summary>Makes a call.</summary>
    /// <returns>The answer, of whatever status; its body is still to come.</returns>
    /// <exception cref="ContainerException">There is none, or it leads where nobody should go; where the call may not be repeated, exceptions come as they are.</exception>
    /// <exception cref="OperationCanceledException">Canceled.</exception>
    public HttpResponseMessage Send(HttpCall call, CancellationToken cancel)
    {
        if (call.Verify && call.Address.Scheme != Uri.UriSchemeHttps)
            throw AwayFromTls(call, call.Address);
        var backoff = new Backoff(pool.Options);
        while (true)
        {
            Uri at = call.Address;
            try
            {
                HttpResponseMessage answer = Follow(call, ref at, cancel);
                if (!call.MayRepeat || !IsBusy(answer.StatusCode) || !backoff.Wait(Backoff.Asked(answer, pool.Options.Time), cancel))
                    return answer;
                answer.Dispose();
            }
            catch (Exception e) when (call.MayRepeat && TransportError.Is(e))
            {
                cancel.ThrowIfCancellationRequested();
                if (!TransportError.MayPass(e, call.IsPatient) || !backoff.Wait(null, cancel))
                    throw TransportError.Explain(e, call, at, pool);
            }
        }
    }

    /// <summary>Makes a call and reads the whole answer; one that breaks off is asked for again.</summary>
    /// <param name="call">The call.</param>
    /// <param name="limit">The most to accept, in bytes.</param>
    /// <param name="body">What was answered.</param>
    /// <param name="cancel">Ends it.</param>
    /// <inheritdoc cref="Send"/>
    public HttpResponseMessage Send(HttpCall call, int limit, out byte[] body, CancellationToken cancel)
    {
        var backoff = new Backoff(pool.Options);
        while (true)
        {
            HttpResponseMessage answer = Send(call, cancel);
            try
            {
                using CancellationTokenRegistration abort = cancel.UnsafeRegister(static answer => ((HttpResponseMessage)answer!).Dispose(), answer);
                body = ResponseBody.Read(answer, limit);
                return answer;
            }
            catch (InvalidDataException)
            {
                answer.Dispose();
                throw new ContainerException(ContainerErrorKind.Unavailable, $"registry '{call.Registry}' sends more than {limit} bytes at once");
            }
            catch (Exception e) when (TransportError.Is(e))
            {
                answer.Dispose();
                cancel.ThrowIfCancellationRequested();
                if (!backoff.Wait(null, cancel))
                    throw Explain(e, call);
            }
        }
    }

    /// <summary>Tells a person what became of a call that may not be repeated.</summary>
    public ContainerException Explain(Exception e, HttpCall call) => TransportError.Explain(e, call, call.Address, pool);

    /// <summary>Whether a status is no answer but a request to come again.</summary>
    public static bool IsBusy(HttpStatusCode status) => status is HttpStatusCode.TooManyRequests or HttpStatusCode.InternalServerError
        or HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout;

    private HttpResponseMessage Follow(HttpCall call, ref Uri at, CancellationToken cancel)
    {
        int redirects = 0, challenges = 0;
        while (true)
        {
            cancel.ThrowIfCancellationRequested();
            bool isHome = IsSameOrigin(at, call.Address);
            string? shown = isHome ? call.Authorization?.Invoke() : null;
            HttpResponseMessage answer = Once(call, at, shown, cancel);
            if (answer.StatusCode == HttpStatusCode.Unauthorized && isHome && challenges++ < MostChallenges
                && answer.Headers.NonValidated.TryGetValues("WWW-Authenticate", out HeaderStringValues fields) && call.Challenged?.Invoke(shown, fields) == true)
            {
                Drain(answer);
            }
            else if (Target(answer, call.Method, at) is { } target)
            {
                Drain(answer);
                if (++redirects > MostRedirects)
                    throw new ContainerException(ContainerErrorKind.Unavailable, $"registry '{call.Registry}' leads in circles: more than {MostRedirects} redirects");
                if (target.Scheme is not ("http" or "https") || (target.Scheme == "http" && call.Verify))
                    throw AwayFromTls(call, target);
                at = target;
            }
            else
            {
                return answer;
            }
        }
    }

    private HttpResponseMessage Once(HttpCall call, Uri at, string? shown, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(call.Method, at) { VersionPolicy = HttpVersionPolicy.RequestVersionOrLower };
        request.Headers.UserAgent.Add(s_agent);
        call.Prepare?.Invoke(request);
        if (shown is not null)
            request.Headers.TryAddWithoutValidation("Authorization", shown);
        return pool.LinkTo(at, call.Verify).Send(request, cancel);
    }

    // RFC 9110, 15.4: of those that change the method only what is read is followed.
    private static Uri? Target(HttpResponseMessage answer, HttpMethod method, Uri at)
    {
        bool isRead = method == HttpMethod.Get || method == HttpMethod.Head;
        bool leads = (int)answer.StatusCode is 307 or 308 || (isRead && (int)answer.StatusCode is 301 or 302 or 303);
        if (!leads || answer.Headers.Location is not { } location)
            return null;
        return location.IsAbsoluteUri ? location : new Uri(at, location);
    }

    private static bool IsSameOrigin(Uri left, Uri right) => left.Scheme == right.Scheme && left.Authority == right.Authority;

    // A body that was read leaves the connection for the next request.
    private static void Drain(HttpResponseMessage answer)
    {
        _ = ResponseBody.Complaint(answer); // ignored: nobody wants to know
        answer.Dispose();
    }

    private static ContainerException AwayFromTls(HttpCall call, Uri target) =>
        new(ContainerErrorKind.PermissionDenied, $"registry '{call.Registry}' leads away from TLS, to '{target.GetLeftPart(UriPartial.Authority)}'");
}
