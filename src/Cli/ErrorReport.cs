using Rundlet.Cli.Output;
using Rundlet.Cli.Terminal;
using Rundlet.Linux;
using Rundlet.Oci;
using Rundlet.Syscalls;

namespace Rundlet.Cli;

/// <summary>The one place where an error becomes words and an exit code.</summary>
internal static class ErrorReport
{
    /// <summary>The exit code for what the user typed wrong, and for failures of <c>run</c> and <c>exec</c> themselves; as docker's.</summary>
    public const int UsageCode = 125;

    private const int StandardError = 2;

    /// <summary>Whether an exception is an answer of ours, not a fault of the program.</summary>
    public static bool IsOurs(Exception e) => e is ContainerException or LinuxException or SpecFormatException;

    /// <summary>From kind to exit code.</summary>
    /// <param name="e">What happened.</param>
    /// <param name="failure">The command's own code for a failure.</param>
    public static int CodeOf(Exception e, int failure) => e switch
    {
        ContainerException { Kind: ContainerErrorKind.InvalidArgument } => UsageCode,
        ContainerException { Kind: ContainerErrorKind.Canceled } => 128 + SIG.INT,
        _ => failure,
    };

    /// <summary>Writes one line, and one more when the cure is known.</summary>
    /// <remarks>What an image, a file or an argument holds must not be able to forge a second line, or to colour the first.</remarks>
    public static void Write(Exception e, bool debug)
    {
        var style = Style.For(StandardError);
        Out.Error($"{style.Bad("rundlet:")} {Human.Printable(IsOurs(e) ? e.Message : $"unexpected {e.GetType().Name}: {e.Message}")}");
        if (HintOf(e) is { } hint)
            Out.Error($"{style.Good("hint:")} {Human.Printable(hint)}");
        if (debug)
            Out.Error(e.ToString());
    }

    /// <summary>Writes one line about what is wrong and keeps nobody from going on, with its cure.</summary>
    public static void Warn(Exception e) => Warn(HintOf(e) is { } hint ? $"{e.Message}; {hint}" : e.Message);

    /// <inheritdoc cref="Warn(Exception)"/>
    public static void Warn(string text) => Out.Error($"rundlet: {Style.For(StandardError).Warning("warning:")} {Human.Printable(text)}");

    private static string? HintOf(Exception e) => ContainerException.HintOf(e) ?? e switch
    {
        LinuxException { Errno: Errno.EDQUOT } => "the share of the disk is used up",
        LinuxException { IsDiskFull: true } => "the disk is full",
        _ when !IsOurs(e) => "this is a fault of rundlet's: --debug shows where it happened",
        _ => null,
    };
}
