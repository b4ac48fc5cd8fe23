using System.Text.Json.Nodes;
using Rundlet.Syscalls;

namespace Rundlet.Runcs.Tests;

/// <summary>linux.devices, the default devices, and what an image may have planted in their places.</summary>
public sealed class DeviceTests : ContainerTest
{
    [Fact]
    [SpecRow("linux.devices", "linux.devices.fileMode", "linux.devices.owner")]
    public void A_default_device_that_the_spec_lists_has_the_mode_and_owner_of_the_spec()
    {
        (uint, uint, ushort) before = Look("/dev/null");
        TestContainer container = Container().Script("stat -c '%t:%T %a %u:%g' /dev/null /dev/zero");
        container.LinuxPart["devices"] = new JsonArray(Device("/dev/null", "c", 1, 3, 0x1B0, 7, 8));
        Assert.Equal(["1:3 660 7:8", "1:5 666 0:0"], container.Output().Split('\n'));
        Assert.Equal(before, Look("/dev/null"));
    }

    [Theory]
    [InlineData("/dev/net/tun", 10, 200)]
    [InlineData("/var/lib/device", 1, 5)]
    [InlineData("/device", 1, 5)]
    [InlineData("/dev//deep/./er/", 1, 5)]
    [SpecRow("linux.devices")]
    public void A_device_may_be_anywhere(string path, int major, int minor)
    {
        TestContainer container = Container().Script($"stat -c '%F %t:%T' {path.TrimEnd('/')}");
        container.LinuxPart["devices"] = new JsonArray(Device(path, "c", major, minor));
        Assert.Equal($"character special file {major:x}:{minor:x}", container.Output());
    }

    [Fact]
    [SpecRow("linux.devices")]
    public void Block_devices_pipes_and_unbuffered_devices_are_made()
    {
        TestContainer container = Container().Script("stat -c '%F %t:%T %a' /dev/b /dev/p /dev/u");
        container.LinuxPart["devices"] = new JsonArray(Device("/dev/b", "b", 7, 300, 0x180), Device("/dev/p", "p", 0, 0, 0x1A4), Device("/dev/u", "u", 1, 3));
        Assert.Equal(["block special file 7:12c 600", "fifo 0:0 644", "character special file 1:3 666"], container.Output().Split('\n'));
    }

    [Fact]
    [SpecRow("linux.devices.mismatch")]
    public void Another_file_in_the_place_of_a_device_is_an_error()
    {
        RuntimeProgram.SkipUnlessOurs("runc takes whatever is there");
        foreach (string planted in new[] { "file", "folder", "link", "node" })
        {
            TestContainer container = Container();
            string place = $"{container.Rootfs}/etc/device";
            _ = planted switch
            {
                "file" => File.WriteAllTextAsync(place, "").IsCompleted,
                "folder" => Directory.CreateDirectory(place).Exists,
                "link" => File.CreateSymbolicLink(place, "/dev/zero").Exists,
                _ => Sys.mknodat(Sys.AT_FDCWD, place, S.IFCHR | 0x180, 0x103) == 0,
            };
            container.LinuxPart["devices"] = new JsonArray(Device("/etc/device", "c", 1, 5));
            container.Run().Refused(1, "/etc/device");
        }
    }

    [Fact]
    [SpecRow("linux.devices.mismatch")]
    public void A_node_that_is_the_device_already_gets_its_mode()
    {
        TestContainer container = Container().Script("stat -c '%t:%T %a' /etc/device");
        LinuxException.ThrowIfError(Sys.mknodat(Sys.AT_FDCWD, $"{container.Rootfs}/etc/device", S.IFCHR | 0x180, 0x105), "mknod");
        container.LinuxPart["devices"] = new JsonArray(Device("/etc/device", "c", 1, 5, RuntimeProgram.IsOurs ? 0x1A4 : 0x180), Device("/etc/device", "c", 1, 5, RuntimeProgram.IsOurs ? 0x1A4 : 0x180));
        Assert.Equal(RuntimeProgram.IsOurs ? "1:5 644" : "1:5 600", container.Output());
    }

    [Fact]
    [SpecRow("linux.devices")]
    public void In_a_user_namespace_the_hosts_device_is_bound_and_stays_as_it_is()
    {
        (uint, uint, ushort) before = Look("/dev/full");
        TestContainer container = Container().UserNamespace().Script("stat -c '%F %t:%T' /dev/full /dev/null; echo x > /dev/null && echo written; echo x > /dev/full || echo full");
        container.LinuxPart["devices"] = new JsonArray(Device("/dev/full", "c", 1, 7, 0x180, 5, 6), Device("/dev/pipe", "p", 0, 0));
        Assert.Equal(["character special file 1:7", "character special file 1:3", "written", "full"], container.Output().Split('\n'));
        Assert.Equal(before, Look("/dev/full"));
    }

    [Theory]
    [InlineData("/dev/nosuchdevice", 1, 5, "the host has none")]
    [InlineData("/dev/zero", 1, 3, "another device")]
    [SpecRow("linux.devices")]
    public void A_device_that_cannot_be_bound_into_a_user_namespace_is_an_error(string path, int major, int minor, string why)
    {
        RuntimeProgram.SkipUnlessOurs("runc binds another device than the spec names");
        TestContainer container = Container().UserNamespace();
        container.LinuxPart["devices"] = new JsonArray(Device(path, "c", major, minor));
        container.Run().Refused(1, why);
    }

    [Fact]
    [SpecRow("linux.devices")]
    public void A_dev_of_the_image_gets_its_nodes_and_keeps_those_that_are_right()
    {
        RuntimeProgram.SkipUnlessOurs("runc believes in what is there");
        TestContainer container = Container().Script("stat -c '%n %F' /dev/null /dev/zero; stat -c %t:%T /dev/zero; readlink /dev/ptmx; cut -d' ' -f5 /proc/self/mountinfo | grep -c ^/dev/");
        container.Mounts.RemoveAt(1);
        File.WriteAllText($"{container.Rootfs}/dev/zero", "planted");
        LinuxException.ThrowIfError(Sys.mknodat(Sys.AT_FDCWD, $"{container.Rootfs}/dev/null", S.IFCHR | 0x1B6, 0x103), "mknod");
        File.CreateSymbolicLink($"{container.Rootfs}/dev/ptmx", "/etc/planted");
        Assert.Equal(["/dev/null character special file", "/dev/zero character special file", "1:5", "pts/ptmx", "1"], container.Output().Split('\n'));
    }

    [Fact]
    [SpecRow("linux.devices")]
    public void A_dev_that_is_bound_from_the_host_is_left_alone()
    {
        Directory.CreateDirectory($"{Scratch}/dev");
        File.WriteAllText($"{Scratch}/dev/mine", "");
        TestContainer container = Container().Script("ls /dev");
        container.Mounts.RemoveAt(1);
        container.Mount("/dev", "bind", $"{Scratch}/dev", "rbind");
        Assert.Equal("mine", container.Output());
    }

    [Fact]
    [SpecRow("linux.devices")]
    public void The_list_of_a_privileged_container_with_ptmx_in_it_is_fine()
    {
        TestContainer container = Container().Mount("/dev/pts", "devpts", "devpts", "newinstance", "ptmxmode=0666").Script("readlink /dev/ptmx");
        container.LinuxPart["devices"] = new JsonArray(Device("/dev/ptmx", "c", 5, 2), Device("/dev/tty", "c", 5, 0), Device("/dev/null", "c", 1, 3));
        Assert.Equal("pts/ptmx", container.Output());
    }

    private static JsonObject Device(string path, string type, int major, int minor, int mode = 0x1B6, int uid = 0, int gid = 0)
    {
        JsonObject device = new() { ["path"] = path, ["type"] = type, ["fileMode"] = mode, ["uid"] = uid, ["gid"] = gid };
        if (type != "p")
            (device["major"], device["minor"]) = (major, minor);
        return device;
    }

    private static (uint Uid, uint Gid, ushort Mode) Look(string path)
    {
        LinuxException.ThrowIfError(Sys.statx(Sys.AT_FDCWD, path, 0, STATX.BASIC_STATS, out statx_t file), "stat", path);
        return (file.stx_uid, file.stx_gid, file.stx_mode);
    }
}
