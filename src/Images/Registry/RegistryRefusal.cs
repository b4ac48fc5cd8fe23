using System.Globalization;
using System.Net;
using Rundlet.Images.Registry.Http;
using Rundlet.Linux;

namespace Rundlet.Images.Registry;

/// <summary>What a status that is no success means to a person.</summary>
internal static class RegistryRefusal
{
    /// <summary>The error for an answer.</summary>
    /// <param name="answer">The answer.</param>
    /// <param name="source">Who gave it.</param>
    /// <param name="subject">What was asked for: <c>tag 'latest'</c>.</param>
    /// <param name="options">The clock.</param>
    public static ContainerException Of(HttpResponseMessage answer, RegistrySource source, string subject, RegistryOptions options) =>
        Of(answer, ResponseBody.Complaint(answer), source, subject, options);

    /// <summary>As above, where the body was read already.</summary>
    /// <inheritdoc cref="Of(HttpResponseMessage, RegistrySource, string, RegistryOptions)"/>
    /// <param name="complaint">What it says, as <see cref="ResponseBody.Complaint(byte[])"/> gives it.</param>
    public static ContainerException Of(HttpResponseMessage answer, string complaint, RegistrySource source, string subject, RegistryOptions options)
    {
        string name = source.Endpoint.Name;
        string login = $"rundlet login {name}";
        switch (answer.StatusCode)
        {
            case HttpStatusCode.Unauthorized:
                return source.Endpoint.Authorizer.HasCredential(source.Repository)
                    ? new(ContainerErrorKind.PermissionDenied, $"registry '{name}' does not accept the login for '{source.Repository}'{complaint}") { Hint = $"log in again: {login}" }
                    : new(ContainerErrorKind.PermissionDenied, $"registry '{name}' gives '{source.Repository}' to nobody without a login{complaint}") { Hint = login };
            case HttpStatusCode.Forbidden:
                return new(ContainerErrorKind.PermissionDenied, $"registry '{name}' does not allow it for '{source.Repository}'{complaint}")
                {
                    Hint = $"log in as a user who may: {login}",
                };
            case HttpStatusCode.NotFound when complaint.StartsWith(": NAME_UNKNOWN", StringComparison.Ordinal):
                return new(ContainerErrorKind.NotFound, $"registry '{name}' has no repository '{source.Repository}'") { Hint = $"check the name; what is private may need a login: {login}" };
            case HttpStatusCode.NotFound:
                return new(ContainerErrorKind.NotFound, $"repository '{source}' has no {subject}") { Hint = $"check the name; what is private may need a login: {login}" };
            case HttpStatusCode.MethodNotAllowed:
                return new(ContainerErrorKind.Unsupported, $"registry '{name}' does not do this{complaint}") { Hint = "its administrator decides what it allows" };
            case HttpStatusCode.TooManyRequests:
                return new(ContainerErrorKind.Unavailable, $"registry '{name}' is asked too often{complaint}") { Hint = WhenToRetry(answer, options.Time) };
            case >= HttpStatusCode.InternalServerError:
                return new(ContainerErrorKind.Unavailable, $"registry '{name}' fails with {(int)answer.StatusCode}{complaint}") { Hint = WhenToRetry(answer, options.Time) };
            default:
                return new(ContainerErrorKind.Internal, $"registry '{name}' answers {(int)answer.StatusCode} for {subject} of '{source.Repository}'{complaint}");
        }
    }

    private static string WhenToRetry(HttpResponseMessage answer, TimeProvider time) =>
        Backoff.Asked(answer, time) is { } wait
            ? string.Create(CultureInfo.InvariantCulture, $"try again in {(long)Math.Ceiling(wait.TotalSeconds)} s, at {time.GetUtcNow() + wait:yyyy-MM-dd HH:mm:ss} UTC")
            : "try again later";
}
