using Rundlet.Images.Users;
using Rundlet.Oci;

namespace Rundlet.Engine.Images;

/// <summary>Whom a program runs as.</summary>
/// <param name="User">The ids.</param>
/// <param name="Home">The home folder, absolute.</param>
public sealed record ContainerUser(User User, string Home)
{
    internal static ContainerUser Of(ResolvedUser user) =>
        new(new User { Uid = user.Uid, Gid = user.Gid, AdditionalGids = user.AdditionalGids.Count > 0 ? [.. user.AdditionalGids] : null }, user.Home);
}
