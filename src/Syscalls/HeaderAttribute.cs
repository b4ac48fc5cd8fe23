namespace Rundlet.Syscalls;

/// <summary>
/// Names the kernel or C library header that a class of constants or a struct restates. The ABI test compiles that
/// header and compares: a constant with its value, a struct with its size and each field's offset.
/// </summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct)]
public sealed class HeaderAttribute(string header) : Attribute
{
    /// <summary>The header as it stands between angle brackets, several separated by spaces.</summary>
    public string Header { get; } = header;

    /// <summary>The C name of a struct where it differs from ours, such as <c>struct stat</c>.</summary>
    public string? CName { get; init; }

    /// <summary>A prefix that the C constants carry and ours do not.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>Whether ours restates only the first fields of the C struct, so that sizes differ.</summary>
    public bool Partial { get; init; }

    /// <summary>What stands before each field's name in C: the member of a union that the fields are in, with its dot.</summary>
    public string FieldPrefix { get; init; } = "";
}
