namespace Rundlet.Images.Users;

/// <summary>Whom a container's program runs as.</summary>
/// <param name="Uid">0 to 2^32 − 2.</param>
/// <param name="Gid">0 to 2^32 − 2.</param>
/// <param name="AdditionalGids">Groups that the image lists the user in, without <paramref name="Gid"/>, each once.</param>
/// <param name="Home">Absolute path; <c>/</c> where the image does not say.</param>
/// <param name="Name">The user's name; null where the image does not know the number.</param>
public sealed record ResolvedUser(uint Uid, uint Gid, IReadOnlyList<uint> AdditionalGids, string Home, string? Name);
