using Xunit.v3;

namespace Rundlet.Runcs.Tests;

/// <summary>
/// The rows of docs/spec-conformance.md that a test proves. They are traits too: <c>-trait "SpecRow=mounts.order"</c>
/// runs the tests of a row.
/// </summary>
/// <param name="rows">Ids of rows, as their first column has them.</param>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Method, AllowMultiple = true)]
public sealed class SpecRowAttribute(params string[] rows) : Attribute, ITraitAttribute
{
    /// <summary>The name of the trait.</summary>
    public const string Trait = "SpecRow";

    /// <summary>The ids.</summary>
    public IReadOnlyList<string> Rows => rows;

    public IReadOnlyCollection<KeyValuePair<string, string>> GetTraits() => [.. rows.Select(row => KeyValuePair.Create(Trait, row))];
}
