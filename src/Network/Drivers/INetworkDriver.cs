using Rundlet.Linux;
using Rundlet.Linux.Netlink;

namespace Rundlet.Network.Drivers;

/// <summary>
/// One network by one driver. Setting up stops at the first error and leaves it to <see cref="Undo"/> to take back what was done;
/// taking down does every step and reports all errors.
/// </summary>
internal interface INetworkDriver
{
    /// <summary>Sees to it that the host's side is there; two processes may do it at once. Whatever somebody removed since comes back.</summary>
    /// <param name="anew">Whether everything is looked at, not only what a start needs.</param>
    /// <exception cref="ContainerException">Why not.</exception>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    NetworkSubnets Ensure(bool anew = false);

    /// <summary>Gives a container its interface. What is to be said inside is added to the plan's batch; the caller sends it.</summary>
    /// <exception cref="ContainerException">Why not.</exception>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    Endpoint Attach(EndpointPlan plan);

    /// <summary>Takes the interface away from a running container. Its address is freed by the caller.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    void Detach(Endpoint endpoint, ContainerNamespace inside);

    /// <summary>Removes the host's side.</summary>
    /// <exception cref="ContainerException">What could not be removed; everything else was.</exception>
    void Remove();
}
