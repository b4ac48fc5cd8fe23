using Rundlet.Linux;

namespace Rundlet.Cli.Output.Templates;

/// <summary>The text of a template, for errors that say where they stand in it.</summary>
/// <param name="Text">What the user wrote.</param>
/// <param name="Unescapes">Whether <c>\t</c> and <c>\n</c> mean a tab and a new line outside of actions too, where Go leaves them alone.</param>
internal sealed record TemplateSource(string Text, bool Unescapes)
{
    private const int ShownLength = 60;

    /// <summary>An error at a place.</summary>
    /// <param name="at">Index of the character, from 0.</param>
    /// <param name="message">What is wrong there.</param>
    /// <param name="hint">The cure, where it is known.</param>
    public ContainerException Error(int at, string message, string? hint = null) =>
        new(ContainerErrorKind.InvalidArgument, $"format '{Shown}', character {at + 1}: {message}") { Hint = hint };

    private string Shown => Text.Length <= ShownLength ? Text : $"{Text.AsSpan(0, ShownLength - 1)}…";
}
