using Rundlet.Hello.Report;

namespace Rundlet.Hello.Tests;

public sealed class SectionTests
{
    // Joined, so that a line which did not parse is told from one that did.
    private static string? Words(string[]? row) => row is null ? null : string.Join('|', row);

    [Fact]
    public void A_container_without_any_file_still_has_a_report()
    {
        using var root = new TemporaryRoot();
        ContainerReport report = ContainerReport.Take(root.Files);
        Assert.Equal(8, report.Sections.Count);
        Assert.Equal("unknown: /proc is not mounted", report.Find("security", "seccomp"));
        Assert.Equal("unknown: /proc is not mounted", report.Find("security", "readOnlyRoot"));
        Assert.Equal("unknown: /proc is not mounted", report.Find("capabilities", "effective"));
    }

    [Fact]
    public void The_fourteen_default_capabilities_have_their_names()
    {
        Assert.Equal(
            ["CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "SETGID", "SETUID", "SETPCAP",
                "NET_BIND_SERVICE", "NET_RAW", "SYS_CHROOT", "MKNOD", "AUDIT_WRITE", "SETFCAP"],
            CapabilitySection.NamesOf(0xa80425fb));
    }

    [Fact]
    public void A_capability_newer_than_this_program_is_given_by_number() =>
        Assert.Equal(["CHECKPOINT_RESTORE", "41"], CapabilitySection.NamesOf(3UL << 40));

    [Theory]
    [InlineData("         0     100000      65536", "0 -> 100000 (65536 ids)")]
    [InlineData("         0          0 4294967295", "the host's ids, unchanged")]
    [InlineData("1 2", "1 2")]
    public void Id_maps_are_said_in_words(string line, string expected) => Assert.Equal(expected, IdentitySection.MapLine(line));

    [Fact]
    public void The_user_name_is_that_of_the_first_line_with_the_id()
    {
        string[] passwd = ["broken", "root:x:0:0:root:/root:/bin/sh", "toor:x:0:0::/:", "nobody:x:65534:65534::/:"];
        Assert.Equal("root", IdentitySection.UserName(passwd, "0"));
        Assert.Null(IdentitySection.UserName(passwd, "1000"));
        Assert.Null(IdentitySection.UserName(passwd, null));
    }

    [Fact]
    public void Mounts_are_parsed_with_their_escapes_and_optional_fields()
    {
        MountEntry? mount = MountEntry.TryParse(@"36 35 98:0 /vol /my\040data ro,noatime shared:1 master:2 - ext4 /dev/sd\134a rw,errors=continue");
        Assert.Equal(new MountEntry("/vol", "/my data", "ro,noatime", "ext4", @"/dev/sd\a", "rw,errors=continue"), mount);
        Assert.True(mount!.IsReadOnly);
        Assert.Null(MountEntry.TryParse("36 35 98:0"));
        Assert.Null(MountEntry.TryParse("36 35 98:0 / / rw - ext4"));
    }

    [Fact]
    public void A_mount_option_is_a_whole_word()
    {
        Assert.False(MountEntry.TryParse("1 0 0:1 / / rw - tmpfs none rw,errors=remount-ro")!.IsReadOnly);
        Assert.True(MountEntry.TryParse("1 0 0:1 / / rw - tmpfs none ro")!.IsReadOnly);
    }

    [Fact]
    public void Limits_keep_names_of_several_words()
    {
        Assert.Equal("open files|1024|unlimited|files",
            Words(LimitSection.TryParse("Max open files            1024                 unlimited            files     ")));
        Assert.Null(LimitSection.TryParse("Max"));
    }

    [Fact]
    public void Ipv4_routes_are_read_in_memory_order()
    {
        Assert.Equal("default|172.17.0.1|eth0", Words(NetworkSection.TryParseRoute("eth0\t00000000\t010011AC\t0003\t0\t0\t0\t00000000\t0\t0\t0")));
        Assert.Equal("172.17.0.0/16|-|eth0", Words(NetworkSection.TryParseRoute("eth0\t000011AC\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0")));
        Assert.Null(NetworkSection.TryParseRoute("*\t000011AC\t00000000\t0200\t0\t0\t0\t0000FFFF\t0\t0\t0"));
    }

    [Fact]
    public void Ipv6_routes_leave_out_what_is_local_multicast_or_rejected()
    {
        const string Zero = "00000000000000000000000000000000";
        string Line(string target, string length, string gateway, string flags) =>
            $"{target} {length} {Zero} 00 {gateway} 00000400 00000001 00000000 {flags} eth0";
        Assert.Equal("fd00::/64|-|eth0", Words(NetworkSection.TryParseRoute6(Line("fd000000000000000000000000000000", "40", Zero, "00000001"))));
        Assert.Equal("default|fd00::1|eth0", Words(NetworkSection.TryParseRoute6(Line(Zero, "00", "fd000000000000000000000000000001", "00000003"))));
        Assert.Null(NetworkSection.TryParseRoute6(Line("fd000000000000000000000000000002", "80", Zero, "80200001")));
        Assert.Null(NetworkSection.TryParseRoute6(Line("ff000000000000000000000000000000", "08", Zero, "00000001")));
        Assert.Null(NetworkSection.TryParseRoute6(Line(Zero, "00", Zero, "00200200")));
    }

    [Fact]
    public void Resolvers_and_hosts_are_read_without_comments()
    {
        Assert.Equal(["10.0.0.1", "fd00::53"],
            NetworkSection.Resolvers(["# nameserver 1.1.1.1", "search example", "nameserver 10.0.0.1", "nameserver\tfd00::53 "]));
        Assert.Equal(["127.0.0.1 localhost box"], NetworkSection.Hosts(["# top", "127.0.0.1\tlocalhost  box # me", ""]));
    }

    [Theory]
    [InlineData("net:[4026531840]", "4026531840")]
    [InlineData("odd", "odd")]
    public void Namespaces_are_their_inode(string link, string expected) => Assert.Equal(expected, NamespaceSection.Inode(link).Display);

    [Theory]
    [InlineData(0, "0 B")]
    [InlineData(1023, "1023 B")]
    [InlineData(1536, "1.5 KiB")]
    [InlineData(134217728, "128 MiB")]
    [InlineData(long.MaxValue, "8 EiB")]
    public void Sizes_are_shown_in_binary_units(long bytes, string expected) => Assert.Equal(expected, Units.Bytes(bytes));

    [Fact]
    public void An_address_belongs_to_the_interface_whose_network_contains_it()
    {
        using TemporaryRoot root = new TemporaryRoot()
            .With("/proc/net/dev", "Inter-|   Receive\n face |bytes\n    lo: 0 0\n  eth0: 0 0\n")
            .With("/proc/net/route", "Iface\tDestination\n"
                + "br0\t000010AC\t00000000\t0001\t0\t0\t0\t0000F0FF\t0\n"
                + "eth0\t000011AC\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\n")
            .With("/proc/net/fib_trie",
                """
                Main:
                  +-- 0.0.0.0/0 3 0 5
                     |-- 127.0.0.1
                        /32 host LOCAL
                     |-- 172.17.0.0
                        /16 link UNICAST
                     |-- 172.17.0.2
                        /32 host LOCAL
                     |-- 10.9.9.9
                        /32 host LOCAL
                """)
            .With("/proc/net/if_inet6", "fd000000000000000000000000000002 04 40 00 82     eth0\n")
            .With("/sys/class/net/eth0/flags", "0x1003\n")
            .With("/sys/class/net/eth0/mtu", "1500\n")
            .With("/sys/class/net/eth0/address", "02:42:ac:11:00:02\n");
        string[] rows = [.. InterfaceTable.Rows(root.Files).Select(row => string.Join('|', row))];
        Assert.Equal(["eth0|up|1500|02:42:ac:11:00:02|172.17.0.2/16, fd00::2/64", "lo|unknown|unknown|unknown|127.0.0.1/8"], rows);
    }
}
