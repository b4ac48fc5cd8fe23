using Rundlet.Linux;

namespace Rundlet.Cli.Output.Templates;

/// <summary>A function on its way: its arguments, and how it complains.</summary>
/// <param name="Source">The template.</param>
/// <param name="At">Where the function stands in it.</param>
/// <param name="Function">Its name.</param>
/// <param name="Arguments">The arguments, what was piped in last.</param>
internal sealed record TemplateCall(TemplateSource Source, int At, string Function, IReadOnlyList<object?> Arguments)
{
    /// <summary>An error at this function.</summary>
    public ContainerException Error(string message, string? hint = null) => Source.Error(At, $"'{Function}': {message}", hint);

    /// <summary>An argument that must be a string.</summary>
    public string Text(int index) => Arguments[index] as string ?? throw Wrong(index, "a string");

    /// <summary>An argument that must be a whole number from 0.</summary>
    public int Count(int index) => Arguments[index] is long and >= 0 and <= 1 << 20 and long count ? (int)count : throw Wrong(index, "a number from 0 to 1048576");

    /// <summary>An argument that must be a list.</summary>
    public IReadOnlyList<object?> List(int index) => Arguments[index] as IReadOnlyList<object?> ?? throw Wrong(index, "a list");

    /// <summary>The error for an argument of the wrong kind.</summary>
    public ContainerException Wrong(int index, string wanted) =>
        Error($"argument {index + 1} must be {wanted}, it is {(Arguments[index] is string text ? $"the string '{text}'" : $"of type {TemplateValue.TypeOf(Arguments[index])}")}");
}
