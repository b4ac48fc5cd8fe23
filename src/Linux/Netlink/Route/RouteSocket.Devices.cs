using Rundlet.Syscalls;

namespace Rundlet.Linux.Netlink.Route;

public sealed partial class RouteSocket
{
    /// <summary>
    /// Opens a socket in another network namespace. The calling thread goes there and back; no thread is made, for programs
    /// that may have one only.
    /// </summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static RouteSocket OpenIn(OwnedFd networkNamespace)
    {
        using OwnedFd own = NetworkNamespace.OpenOwn();
        LinuxException.ThrowIfError(Sys.setns(networkNamespace.Value, CLONE.NEWNET), "enter the network namespace");
        try
        {
            return Open();
        }
        finally
        {
            LinuxException.ThrowIfError(Sys.setns(own.Value, CLONE.NEWNET), "return to the network namespace");
        }
    }

    /// <summary>The addresses of an interface that stay when it moves.</summary>
    /// <param name="linkIndex">The interface's number.</param>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public List<LastingAddress> ListLastingAddresses(int linkIndex) => _socket.Dump(
        () =>
        {
            NetlinkBatch batch = new();
            using (batch.Message(RTM.GETADDR, NLM_F.DUMP, "list addresses"))
                batch.Put(new ifaddrmsg { ifa_index = (uint)linkIndex });
            return batch;
        },
        LastingAddress.Parse);

    /// <summary>Moves an interface to another network namespace and gives it a name there.</summary>
    /// <param name="link">The interface.</param>
    /// <param name="name">The name; a <c>%d</c> in it becomes the first number that is free.</param>
    /// <param name="target">The namespace.</param>
    /// <exception cref="LinuxException">The kernel refused. The interface may have moved without being renamed.</exception>
    public void MoveLink(Link link, string name, OwnedFd target)
    {
        NetlinkBatch batch = new();
        using (batch.Message(RTM.NEWLINK, NLM_F.ACK, "move link", link.Name))
        {
            batch.Put(new ifinfomsg { ifi_index = link.Index });
            batch.UInt32(IFLA.NET_NS_FD, (uint)target.Value);
            batch.Text(IFLA.IFNAME, name);
        }
        _socket.Execute(batch);
    }

    /// <summary>Gives an interface its addresses and, if asked to, sets it up.</summary>
    /// <exception cref="LinuxException">The first error.</exception>
    public void Restore(Link link, IReadOnlyList<LastingAddress> addresses, bool up)
    {
        NetlinkBatch batch = new();
        foreach (LastingAddress address in addresses)
        {
            using (batch.Message(RTM.NEWADDR, NLM_F.CREATE | NLM_F.REPLACE | NLM_F.ACK, "add an address to link", link.Name))
            {
                batch.Put(new ifaddrmsg { ifa_family = address.Family, ifa_prefixlen = address.PrefixLength, ifa_index = (uint)link.Index });
                batch.Raw(IFA.ADDRESS, address.Address);
                if (address.Local is { } local)
                    batch.Raw(IFA.LOCAL, local);
                if (address.Broadcast is { } broadcast)
                    batch.Raw(IFA.BROADCAST, broadcast);
            }
        }
        if (up)
            SetUp(batch, link.Index, link.Name);
        if (batch.Requests.Count > 0)
            _socket.Execute(batch);
    }
}
