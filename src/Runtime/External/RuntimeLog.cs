using System.Text;
using Rundlet.Linux;
using Rundlet.Oci;
using Rundlet.Syscalls;

namespace Rundlet.Runtime;

/// <summary>
/// What a runtime says went wrong: of the file that it was given by <c>--log</c> with <c>--log-format json</c> the last object with level
/// <c>error</c>, and else what it wrote to stderr.
/// </summary>
internal static class RuntimeLog
{
    private const int MaxBytes = 64 << 10;

    /// <summary>The message of the last error; null where there is none.</summary>
    /// <param name="path">The file; it may be absent.</param>
    public static string? LastErrorIn(string path)
    {
        string? text;
        try
        {
            text = FileIo.TryReadText(path, MaxBytes);
        }
        catch (LinuxException unreadable)
        {
            _ = unreadable; // ignored: longer than any log of one command; what it wrote to stderr stands
            return null;
        }
        string? last = null;
        foreach (string line in (text ?? "").Split('\n'))
            last = ErrorOf(line) ?? last;
        return last;
    }

    private static string? ErrorOf(string line)
    {
        if (!line.StartsWith('{'))
            return null;
        try
        {
            return JsonCursor.ReadDocument(Encoding.UTF8.GetBytes(line), Read);
        }
        catch (SpecFormatException other)
        {
            _ = other; // ignored: not a log line of this form
            return null;
        }
    }

    private static string? Read(ref JsonCursor json)
    {
        string level = "", message = "";
        json.BeginObject();
        while (json.NextMember())
            if (json.Is("level"u8)) level = json.String();
            else if (json.Is("msg"u8)) message = json.String();
            else json.Ignore();
        return level is "error" or "fatal" or "panic" or "ERROR" && message.Length > 0 ? message : null;
    }

    /// <summary>The failure of a command, in our words as far as callers match them: those for a program that cannot be executed.</summary>
    /// <param name="runtime">The runtime's name.</param>
    /// <param name="command">Its command.</param>
    /// <param name="text">What it said, in one line.</param>
    /// <param name="program">The program that the container was to execute; null for other commands.</param>
    public static ContainerException FailureOf(string runtime, string command, string text, string? program)
    {
        if (program is not null && OfProgram(text, program) is { } failure)
            return failure;
        ContainerErrorKind kind =
            Has(text, "does not exist") ? ContainerErrorKind.NotFound
            : Has(text, "not running") || Has(text, "already finished") || Has(text, "no such process") || Has(text, "paused") ? ContainerErrorKind.Conflict
            : Has(text, "permission denied") || Has(text, "operation not permitted") ? ContainerErrorKind.PermissionDenied
            : ContainerErrorKind.Internal;
        return new ContainerException(kind, $"{runtime} {command}: {(text.Length > 0 ? text : "failed without a word")}");
    }

    // runc: exec: "x": executable file not found in $PATH; crun: executable file `x` not found in $PATH
    private static ContainerException? OfProgram(string text, string program)
    {
        int words = text.IndexOf("exec: \"", StringComparison.Ordinal);
        if (words < 0 && !Has(text, "executable"))
            return null;
        bool isMissing = Has(text, "not found") || Has(text, "no such file or directory");
        bool isRefused = Has(text, "permission denied") || Has(text, "is a directory") || Has(text, "exec format error");
        if (!isMissing && !isRefused)
            return null;
        string message = words >= 0 ? text[words..] : $"exec: \"{program}\": {(isMissing ? "executable file not found in $PATH" : "permission denied")}";
        return new ContainerException(isMissing ? ContainerErrorKind.NotFound : ContainerErrorKind.PermissionDenied, message);
    }

    private static bool Has(string text, string words) => text.Contains(words, StringComparison.OrdinalIgnoreCase);
}
