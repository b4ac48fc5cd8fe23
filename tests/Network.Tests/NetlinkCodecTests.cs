using System.Net;
using System.Runtime.InteropServices;
using Rundlet.Linux.Netlink;
using Rundlet.Linux.Netlink.Netfilter;
using Rundlet.Linux.Netlink.Route;
using Rundlet.Syscalls;

namespace Rundlet.Network.Tests;

/// <summary>The wire format: what is written, what is read, and what hostile bytes do (nothing).</summary>
public sealed class NetlinkCodecTests
{
    [Fact]
    public void A_message_is_written_as_the_kernel_reads_it()
    {
        NetlinkBatch batch = new();
        using (batch.Message(RTM.NEWLINK, NLM_F.ACK, "test"))
        {
            batch.Put(new ifinfomsg { ifi_index = 7 });
            batch.Text(IFLA.IFNAME, "a");
            using (batch.Nest(IFLA.LINKINFO))
                batch.Byte(IFLA.INFO_KIND, 9);
        }
        byte[] expected =
        [
            52, 0, 0, 0, 16, 0, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0, // nlmsghdr: length, type, REQUEST|ACK, sequence, port
            0, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, // ifinfomsg
            6, 0, 3, 0, (byte)'a', 0, 0, 0, // text with NUL and padding
            12, 0, 18, 0x80, 5, 0, 1, 0, 9, 0, 0, 0, // nested
        ];
        Assert.Equal(expected, batch.Bytes.ToArray());
    }

    [Fact]
    public void What_is_written_is_read_back()
    {
        Random random = new(1);
        for (int round = 0; round < 500; round++)
        {
            List<(ushort Type, byte[] Value)> attributes = [];
            for (int i = random.Next(20); i > 0; i--)
            {
                byte[] value = new byte[random.Next(70)];
                random.NextBytes(value);
                attributes.Add(((ushort)random.Next(1, 0x3fff), value));
            }
            NetlinkBatch batch = new();
            using (batch.Message(99, 0, "test"))
            using (batch.Nest(5))
            {
                foreach ((ushort type, byte[] value) in attributes)
                    batch.Raw(type, value);
            }
            ReadOnlySpan<byte> bytes = batch.Bytes;
            Assert.True(NetlinkMessage.TryRead(ref bytes, out NetlinkMessage message));
            Assert.Equal(0, bytes.Length);
            Assert.True(new NetlinkAttributes(message.Payload).TryFind(5, out NetlinkAttribute nest));
            int index = 0;
            foreach (NetlinkAttribute attribute in nest.Nested)
            {
                Assert.Equal(attributes[index].Type, attribute.Type);
                Assert.Equal(attributes[index].Value, attribute.Value.ToArray());
                index++;
            }
            Assert.Equal(attributes.Count, index);
        }
    }

    [Fact]
    public void An_attribute_that_does_not_fit_16_bits_is_refused()
    {
        NetlinkBatch batch = new();
        Assert.Equal(Errno.EMSGSIZE, Assert.Throws<LinuxException>(() => batch.Raw(1, new byte[65532])).Errno);
        batch.Raw(1, new byte[65531]);
        LinuxException error = Assert.Throws<LinuxException>(() =>
        {
            using (batch.Nest(2))
            {
                batch.Raw(3, new byte[40000]);
                batch.Raw(4, new byte[40000]);
            }
        });
        Assert.Equal(Errno.EMSGSIZE, error.Errno);
        Assert.Throws<ArgumentException>(() => batch.Text(1, "a\0b"));
    }

    [Fact]
    public void A_batch_has_a_bound()
    {
        NetlinkBatch batch = new();
        LinuxException error = Assert.Throws<LinuxException>(() =>
        {
            for (int i = 0; i <= NetlinkBatch.MaxLength / 60000; i++)
                batch.Raw(1, new byte[60000]);
        });
        Assert.Equal(Errno.EMSGSIZE, error.Errno);
    }

    /// <summary>Real answers, cut and changed at random: every parser ends, with an object or with EBADMSG.</summary>
    [Fact]
    public void Hostile_bytes_are_refused_and_never_read_past()
    {
        Random random = new(2);
        byte[][] seeds = [LinkMessage(), AddressMessage(), ErrorMessage(), ElementMessage(), ChainMessage()];
        int refused = 0, read = 0;
        for (int round = 0; round < 200_000; round++)
        {
            byte[] bytes = (byte[])seeds[round % seeds.Length].Clone();
            for (int changes = random.Next(6); changes > 0; changes--)
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            // An array of exactly that length: reading past it throws another exception than the one that is allowed.
            if (random.Next(2) == 0)
                bytes = bytes[..random.Next(bytes.Length + 1)];
            try
            {
                read += ReadAll(bytes);
            }
            catch (LinuxException e) when (e.Errno == Errno.EBADMSG)
            {
                refused++;
            }
        }
        Assert.True(refused > 1000 && read > 1000, $"refused {refused}, read {read}");
    }

    private static int ReadAll(ReadOnlySpan<byte> bytes)
    {
        int read = 0;
        while (NetlinkMessage.TryRead(ref bytes, out NetlinkMessage message))
        {
            _ = Link.Parse(in message);
            _ = InterfaceAddress.Parse(in message);
            _ = RouteEntry.Parse(in message);
            if (message.Type is NLMSG.ERROR or NLMSG.DONE)
                NetlinkAnswer.Read(in message, new NetlinkRequest(0, "test", "", expectsAnswer: true));
            else
            {
                _ = NftSocket.ParseElements(in message);
                _ = NftChain.Parse(in message);
            }
            read++;
        }
        return read;
    }

    private static byte[] LinkMessage() => Message(RTM.NEWLINK, batch =>
    {
        batch.Put(new ifinfomsg { ifi_index = 3 });
        batch.Text(IFLA.IFNAME, "eth0");
        batch.UInt32(IFLA.MTU, 1500);
        batch.Raw(IFLA.ADDRESS, [2, 0, 0, 0, 0, 1]);
        batch.Raw(IFLA.STATS64, new byte[192]);
        using (batch.Nest(IFLA.LINKINFO))
            batch.Text(IFLA.INFO_KIND, "veth");
    });

    private static byte[] AddressMessage() => Message(RTM.NEWADDR, batch =>
    {
        batch.Put(new ifaddrmsg { ifa_family = AF.INET, ifa_prefixlen = 16, ifa_index = 3 });
        batch.Raw(IFA.LOCAL, IPAddress.Loopback.GetAddressBytes());
    });

    private static byte[] ErrorMessage()
    {
        byte[] bytes = Message(NLMSG.ERROR, batch =>
        {
            batch.Put(-22);
            batch.Put(new nlmsghdr { nlmsg_len = 16 });
            batch.Text(NLMSGERR_ATTR.MSG, "Something is wrong");
        });
        MemoryMarshal.AsRef<nlmsghdr>(bytes.AsSpan()).nlmsg_flags = NLM_F.ACK_TLVS | NLM_F.CAPPED;
        return bytes;
    }

    private static byte[] ChainMessage() => Message(0x0a03, batch =>
    {
        batch.Put(new nfgenmsg { nfgen_family = NFPROTO.INET });
        batch.Text(NFTA.CHAIN_TABLE, "t");
        batch.Text(NFTA.CHAIN_NAME, "c");
        using (batch.Nest(NFTA.CHAIN_HOOK))
            batch.UInt32Network(NFTA.HOOK_HOOKNUM, NF_INET.FORWARD);
        batch.UInt32Network(NFTA.CHAIN_POLICY, NF.DROP);
        batch.Raw(NFTA.CHAIN_USERDATA, [0, 2, (byte)'a', 0]);
    });

    private static byte[] ElementMessage() => Message(0x0a0c, batch =>
    {
        batch.Put(default(nfgenmsg));
        using (batch.Nest(NFTA.SET_ELEM_LIST_ELEMENTS))
        using (batch.Nest(NFTA.LIST_ELEM))
        {
            using (batch.Nest(NFTA.SET_ELEM_KEY))
                batch.Raw(NFTA.DATA_VALUE, new byte[8]);
            using (batch.Nest(NFTA.SET_ELEM_KEY_END))
                batch.Raw(NFTA.DATA_VALUE, new byte[8]);
            batch.Raw(NFTA.SET_ELEM_USERDATA, [0, 2, (byte)'a', 0]);
        }
    });

    private static byte[] Message(ushort type, Action<NetlinkBatch> write)
    {
        NetlinkBatch batch = new();
        using (batch.Message(type, 0, "test"))
            write(batch);
        return batch.Bytes.ToArray();
    }
}
