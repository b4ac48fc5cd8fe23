using System.Runtime.InteropServices;
using Rundlet.Syscalls;

namespace Rundlet.Linux.Netlink.Route;

public sealed partial class RouteSocket
{
    private const ulong LeastBurst = 64 << 10; // bytes: a packet as large as they come
    private const ulong BurstsPerSecond = 50;
    private const uint Handle = 1 << 16; // 1:0
    private const byte Ethernet = 1; // TC_LINKLAYER_ETHERNET

    /// <summary>Bounds what an interface sends, by a token bucket (tc-tbf(8)), in the place of another bound.</summary>
    /// <param name="link">Its number.</param>
    /// <param name="name">Its name, for errors.</param>
    /// <param name="rate">Bytes a second, from 1.</param>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public void LimitRate(int link, string name, ulong rate)
    {
        // Both are 32 bits wide in the kernel.
        uint burst = (uint)Math.Min(Math.Max(LeastBurst, rate / BurstsPerSecond), int.MaxValue);
        uint queue = (uint)Math.Min((ulong)burst + (rate / BurstsPerSecond), uint.MaxValue);
        NetlinkBatch batch = new();
        using (batch.Message(RTM.NEWQDISC, NLM_F.CREATE | NLM_F.REPLACE | NLM_F.ACK, "limit rate of link", name))
        {
            batch.Put(new tcmsg { tcm_ifindex = link, tcm_parent = TC_H.ROOT, tcm_handle = Handle });
            batch.Text(TCA.KIND, "tbf");
            using (batch.Nest(TCA.OPTIONS))
            {
                tc_tbf_qopt parameters = new() { rate = new tc_ratespec { linklayer = Ethernet, rate = (uint)Math.Min(rate, uint.MaxValue) }, limit = queue };
                batch.Raw(TCA.TBF_PARMS, MemoryMarshal.AsBytes(new ReadOnlySpan<tc_tbf_qopt>(in parameters)));
                batch.UInt32(TCA.TBF_BURST, burst);
                if (rate > uint.MaxValue)
                    batch.Raw(TCA.TBF_RATE64, BitConverter.GetBytes(rate));
            }
        }
        _socket.Execute(batch);
    }

    /// <summary>Lets an interface send all that it can again. Does nothing where it was not bounded.</summary>
    /// <param name="link">Its number.</param>
    /// <param name="name">Its name, for errors.</param>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public void LiftRate(int link, string name)
    {
        NetlinkBatch batch = new();
        using (batch.Message(RTM.DELQDISC, NLM_F.ACK, "lift rate of link", name))
            batch.Put(new tcmsg { tcm_ifindex = link, tcm_parent = TC_H.ROOT, tcm_handle = Handle });
        try
        {
            _socket.Execute(batch);
        }
        catch (LinuxException none) when (none.Errno is Errno.ENOENT or Errno.EINVAL)
        {
            _ = none; // ignored: the interface has the kernel's own queue, or somebody else's
        }
    }
}
