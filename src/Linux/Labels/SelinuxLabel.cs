namespace Rundlet.Linux.Labels;

/// <summary>A label of SELinux by its fields: <c>USER:ROLE:TYPE[:LEVEL]</c>.</summary>
/// <param name="User">The user.</param>
/// <param name="Role">The role; <c>object_r</c> for files.</param>
/// <param name="Type">The type, which most of the policy is about.</param>
/// <param name="Level">The sensitivity and the categories, which may hold colons; empty where the policy has no levels.</param>
public sealed record SelinuxLabel(string User, string Role, string Type, string Level)
{
    /// <summary>Reads one; null where fields are missing.</summary>
    public static SelinuxLabel? TryParse(string text)
    {
        string[] fields = text.TrimEnd('\0', '\n').Split(':', 4);
        return fields.Length >= 3 && Array.TrueForAll(fields, field => field.Length > 0) ? new SelinuxLabel(fields[0], fields[1], fields[2], fields.Length == 4 ? fields[3] : "") : null;
    }

    /// <inheritdoc/>
    public override string ToString() => Level.Length > 0 ? $"{User}:{Role}:{Type}:{Level}" : $"{User}:{Role}:{Type}";
}
