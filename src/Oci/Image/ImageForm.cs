namespace Rundlet.Oci;

/// <summary>
/// The form that an image document must have beyond what <see cref="JsonCursor"/> asks, so that no other program sees another image in the
/// same bytes: no member is spelled as a known one but for its case (readers in Go take <c>Layers</c> for <c>layers</c>, and the last of
/// the two).
/// </summary>
internal static class ImageForm
{
    /// <summary>Passes over a member, unless its name is a known one in other letters.</summary>
    public static void Ignore(ref JsonCursor json, string[] known)
    {
        string name = json.Name;
        if (known.FirstOrDefault(one => one != name && SameButForCase(one, name)) is { } meant)
            throw json.Misspelled(meant);
        json.Ignore();
    }

    /// <summary>As Go's encoding/json compares: two letters beyond ASCII are folded to ASCII ones.</summary>
    private static bool SameButForCase(string known, string name) =>
        known.Equals(name, StringComparison.OrdinalIgnoreCase)
        || known.Equals(name.Replace('\u017f', 's').Replace('\u212a', 'k'), StringComparison.OrdinalIgnoreCase);
}
