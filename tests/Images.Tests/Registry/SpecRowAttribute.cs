using Xunit.v3;

namespace Rundlet.Images.Tests.Registry;

/// <summary>The rows of docs/spec-conformance.md that a test proves; they are traits too.</summary>
/// <param name="rows">Ids of rows, as their first column has them.</param>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Method, AllowMultiple = true)]
public sealed class SpecRowAttribute(params string[] rows) : Attribute, ITraitAttribute
{
    /// <summary>The ids.</summary>
    public IReadOnlyList<string> Rows => rows;

    public IReadOnlyCollection<KeyValuePair<string, string>> GetTraits() => [.. rows.Select(row => KeyValuePair.Create("SpecRow", row))];
}
