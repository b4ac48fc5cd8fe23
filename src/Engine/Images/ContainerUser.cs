using Rundlet.Images.Users;
using Rundlet.Oci;

namespace Rundlet.Engine.Images;

/// <summary>Whom a program runs as.</summary>
/// <param name="User">The ids.</param>
/// <param name="Home">The home folder, absolute.</param>
public sealed record ContainerUser(User User, string Home)
{
    /// <summary>Finds a user, and further groups, as the files of a root know them.</summary>
    /// <exception cref="Rundlet.Linux.ContainerException">InvalidArgument: no such user or group.</exception>
    internal static ContainerUser Find(IRootFiles root, string user, IReadOnlyList<string> groups)
    {
        ResolvedUser found = ImageUsers.Resolve(root, user);
        List<uint> gids = [.. found.AdditionalGids.Union(groups.Select(group => ImageUsers.ResolveGroup(root, group)))];
        return new ContainerUser(new User { Uid = found.Uid, Gid = found.Gid, AdditionalGids = gids.Count > 0 ? gids : null }, found.Home);
    }
}
