using System.Text.Json.Serialization.Metadata;

namespace Rundlet.Oci;

/// <summary>
/// The form that an image document must have before its members are read, so that no other program sees another image in the same bytes:
/// no member stands twice, none is spelled as a known one but for its case (readers in Go take <c>Layers</c> for <c>layers</c>, and the
/// last of the two), and no array or map that is read has null in it.
/// </summary>
internal static class ImageForm
{
    /// <exception cref="SpecFormatException">It has another form; says where.</exception>
    public static void Check(ReadOnlySpan<byte> json, JsonTypeInfo type) =>
        JsonCursor.ReadDocument(json, (ref JsonCursor document) => Value(ref document, type));

    /// <summary>Passes over a member, unless its name is a known one in other letters.</summary>
    public static void Ignore(ref JsonCursor json, string[] known)
    {
        string name = json.Name;
        if (known.FirstOrDefault(one => one != name && SameButForCase(one, name)) is { } meant)
            throw json.Misspelled(meant);
        json.Ignore();
    }

    /// <summary>Always true: for the shape of a reader.</summary>
    private static bool Value(ref JsonCursor json, JsonTypeInfo? type) => type?.Kind switch
    {
        JsonTypeInfoKind.Object => Members(ref json, type),
        JsonTypeInfoKind.Dictionary when !json.IsNull => json.Map((ref JsonCursor value) => Element(ref value, type)).Count >= 0,
        JsonTypeInfoKind.Enumerable when !json.IsNull => json.List((ref JsonCursor value) => Element(ref value, type)).Count >= 0,
        _ => json.Pass(),
    };

    private static bool Element(ref JsonCursor json, JsonTypeInfo of) =>
        json.IsNull ? throw json.Expected("a value") : Value(ref json, OciJson.Default.GetTypeInfo(of.ElementType!));

    private static bool Members(ref JsonCursor json, JsonTypeInfo type)
    {
        json.BeginObject();
        while (json.NextMember())
        {
            string name = json.Name;
            JsonPropertyInfo? known = type.Properties.FirstOrDefault(property => SameButForCase(property.Name, name));
            if (known is not null && known.Name != name)
                throw json.Misspelled(known.Name);
            json.Take();
            bool plain = known is null || known.CustomConverter is not null || json.IsNull;
            Value(ref json, plain ? null : OciJson.Default.GetTypeInfo(known!.PropertyType));
        }
        return true;
    }

    /// <summary>As Go's encoding/json compares: two letters beyond ASCII are folded to ASCII ones.</summary>
    private static bool SameButForCase(string known, string name) =>
        known.Equals(name, StringComparison.OrdinalIgnoreCase)
        || known.Equals(name.Replace('\u017f', 's').Replace('\u212a', 'k'), StringComparison.OrdinalIgnoreCase);
}
