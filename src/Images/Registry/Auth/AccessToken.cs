namespace Rundlet.Images.Registry.Auth;

/// <summary>A token for a registry.</summary>
/// <param name="Value">What to show.</param>
/// <param name="Until">Until when to show it; a little before it ends.</param>
internal sealed record AccessToken(string Value, DateTimeOffset Until);
