using System.Text.Json;
using Rundlet.Linux;
using Rundlet.Oci;

namespace Rundlet.Runtime.Supervision;

/// <summary>A failure as it crosses a socket: what the other side needs to say it to its user.</summary>
/// <param name="Kind">What sort of failure it is.</param>
/// <param name="Message">The whole chain.</param>
/// <param name="Hint">What the user can do about it; null where no cure is known.</param>
/// <param name="ExitCode">What <c>run</c> or <c>exec</c> ends with: 125, 126 (not executable) or 127 (not found).</param>
public sealed record SupervisorFailure(ContainerErrorKind Kind, string Message, string? Hint, int ExitCode)
{
    /// <summary>The failure of a step before the user's program was looked for.</summary>
    public const int OwnFailure = 125;

    private static readonly string[] s_kinds =
    [
        "internal", "notFound", "alreadyExists", "invalidArgument", "conflict", "permissionDenied", "unavailable", "unsupported", "canceled",
    ];

    // The runtime's words for a program that does not run are a contract of their own: callers match them.
    private const string ProgramPrefix = "exec: \"";

    /// <summary>Tells of an exception. <see cref="ExitCode"/> is 127 where the user's program was not found, 126 where it could not be executed.</summary>
    public static SupervisorFailure Of(Exception exception)
    {
        ContainerErrorKind kind = exception is ContainerException container ? container.Kind : ContainerErrorKind.Internal;
        int exitCode = (exception.Message.StartsWith(ProgramPrefix, StringComparison.Ordinal), kind) switch
        {
            (true, ContainerErrorKind.NotFound) => 127,
            (true, ContainerErrorKind.PermissionDenied) => 126,
            _ => OwnFailure,
        };
        return new SupervisorFailure(kind, exception.Message, ContainerException.HintOf(exception), exitCode);
    }

    /// <summary>The same as an exception.</summary>
    public ContainerException ToException() => new(Kind, Message) { Hint = Hint };

    internal static SupervisorFailure Read(ref JsonCursor json)
    {
        int kind = 0, exitCode = OwnFailure;
        string? message = null, hint = null;
        json.BeginObject();
        while (json.NextMember())
            if (json.Is("kind"u8)) kind = Array.IndexOf(s_kinds, json.String());
            else if (json.Is("message"u8)) message = json.String();
            else if (json.Is("hint"u8)) hint = json.String();
            else if (json.Is("exitCode"u8)) exitCode = json.Int32();
            else json.Ignore();
        return new SupervisorFailure((ContainerErrorKind)Math.Max(kind, 0), message ?? throw json.Missing("message"), hint, exitCode);
    }

    internal void Write(JsonWriter json)
    {
        json.WriteStartObject("error"u8);
        json.WriteString("kind"u8, s_kinds[(int)Kind]);
        json.WriteString("message"u8, Message);
        json.Member("hint"u8, Hint);
        json.WriteNumber("exitCode"u8, ExitCode);
        json.WriteEndObject();
    }
}
