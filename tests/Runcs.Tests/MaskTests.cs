namespace Rundlet.Runcs.Tests;

public sealed class MaskTests : ContainerTest
{
    [Fact]
    public void A_masked_file_is_empty_and_a_masked_folder_has_nothing_in_it()
    {
        TestContainer container = Container().Script("wc -c < /etc/secret; ls /private | wc -l; touch /private/x 2>/dev/null || echo read-only");
        File.WriteAllText($"{container.Rootfs}/etc/secret", "secret");
        Directory.CreateDirectory($"{container.Rootfs}/private");
        File.WriteAllText($"{container.Rootfs}/private/secret", "secret");
        container.LinuxPart["maskedPaths"] = TestContainer.Texts(RuntimeProgram.IsOurs ? ["/etc/secret", "/private", "/missing", "/etc/secret/below"] : ["/etc/secret", "/private", "/missing"]);
        Assert.Equal(["0", "0", "read-only"], container.Output().Split('\n').Select(line => line.Trim()));
        Assert.Equal("secret", File.ReadAllText($"{container.Rootfs}/etc/secret"));
    }

    [Fact]
    public void The_usual_masks_of_proc_and_sys_hold()
    {
        TestContainer container = Container().Mount("/sys", "sysfs", "sysfs", "ro")
            .Script("for f in kcore keys timer_list; do head -c 1 /proc/$f 2>/dev/null | wc -c; done; ls /sys/firmware /proc/acpi /proc/scsi 2>/dev/null | grep -v : | grep -c .; echo x > /proc/sys/kernel/domainname || echo 1 > /proc/sysrq-trigger || echo read-only");
        container.LinuxPart["maskedPaths"] = TestContainer.Texts("/proc/acpi", "/proc/kcore", "/proc/keys", "/proc/timer_list", "/proc/scsi", "/sys/firmware");
        container.LinuxPart["readonlyPaths"] = TestContainer.Texts("/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger");
        string[] lines = [.. container.Output().Split('\n').Select(line => line.Trim())];
        Assert.Equal(["0", "0", "0", "0", "read-only"], lines);
    }

    [Fact]
    public void A_read_only_path_is_read_only_with_all_that_is_mounted_beneath()
    {
        TestContainer container = Container().Mount("/data", "tmpfs", "tmpfs").Mount("/data/inner", "tmpfs", "tmpfs")
            .Script($"touch /data/x || {(RuntimeProgram.IsOurs ? "touch /data/inner/x ||" : "")} touch /tmp/writable && echo done");
        container.LinuxPart["readonlyPaths"] = TestContainer.Texts(RuntimeProgram.IsOurs ? ["/data", "/missing", "/bin/busybox/below"] : ["/data", "/missing"]);
        Assert.Equal("done", container.Output());
        Assert.True(File.Exists($"{container.Rootfs}/tmp/writable"));
    }

    [Fact]
    public void Links_of_the_image_lead_masks_to_the_image_and_never_to_the_host()
    {
        string canary = $"{Scratch}/canary";
        File.WriteAllText(canary, "canary");
        TestContainer container = Container().Script($"cat {canary}; wc -c < /etc/target");
        File.CreateSymbolicLink($"{container.Rootfs}/up", $"../../../../../../..{canary}");
        File.CreateSymbolicLink($"{container.Rootfs}/link", "/etc/target");
        File.WriteAllText($"{container.Rootfs}/etc/target", "secret");
        Directory.CreateDirectory($"{container.Rootfs}{Scratch}");
        File.WriteAllText($"{container.Rootfs}{canary}", "image's own");
        container.LinuxPart["maskedPaths"] = TestContainer.Texts("/up", "/link");
        Assert.Equal("0", container.Output().Trim());
        Assert.Equal("canary", File.ReadAllText(canary));
    }

    [Fact]
    public void The_images_own_null_device_is_not_what_covers_a_file()
    {
        TestContainer container = Container().Script("cat /etc/secret; stat -c '%F %t:%T' /etc/secret");
        container.Mounts.RemoveAt(1);
        File.WriteAllText($"{container.Rootfs}/dev/null", "planted");
        File.WriteAllText($"{container.Rootfs}/etc/secret", "secret");
        container.LinuxPart["maskedPaths"] = TestContainer.Texts("/etc/secret");
        Finished run = container.Run();
        Assert.DoesNotContain("planted", run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("secret\n", run.Output, StringComparison.Ordinal);
        if (RuntimeProgram.IsOurs)
            Assert.Equal("character special file 1:3", run.Good().Output.Trim());
    }

    [Fact]
    public void Many_masks_are_no_trouble()
    {
        TestContainer container = Container().Script("cat /many/* | wc -c; ls -d /folders/*/* 2>/dev/null | wc -l");
        List<string> paths = [];
        Directory.CreateDirectory($"{container.Rootfs}/many");
        for (int i = 0; i < 60; i++)
        {
            File.WriteAllText($"{container.Rootfs}/many/{i}", "x");
            Directory.CreateDirectory($"{container.Rootfs}/folders/{i}/inner");
            paths.Add($"/many/{i}");
            paths.Add($"/folders/{i}");
        }
        container.LinuxPart["maskedPaths"] = TestContainer.Texts([.. paths]);
        Assert.Equal(["0", "0"], container.Output().Split('\n').Select(line => line.Trim()));
    }

    [Fact]
    [SpecRow("linux.maskedPaths")]
    public void Whatever_stands_at_a_masked_path_is_covered_and_nothing_hangs()
    {
        TestContainer container = Container().Script("stat -c %F /plant/pipe /plant/folder /plant/folder/inner 2>&1; ls /plant/folder | wc -l; stat -c %F /plant/dangling ");
        string plant = Directory.CreateDirectory($"{container.Rootfs}/plant").FullName;
        Directory.CreateDirectory($"{plant}/folder/inner");
        Syscalls.LinuxException.ThrowIfError(Syscalls.Sys.mknodat(Syscalls.Sys.AT_FDCWD, $"{plant}/pipe", Syscalls.S.IFIFO | 0x1B6, 0), "mknod");
        File.CreateSymbolicLink($"{plant}/dangling", "nowhere");
        container.Spec["root"]!["readonly"] = true;
        // The outer one comes first, and the inner one is gone then.
        container.LinuxPart["maskedPaths"] = TestContainer.Texts("/plant/pipe", "/plant/folder", "/plant/folder/inner", "/plant/dangling");
        container.LinuxPart["readonlyPaths"] = TestContainer.Texts("/plant/pipe", "/plant/dangling", "/plant/missing/deep");
        string[] lines = [.. container.Output().Split('\n').Select(line => line.Trim())];
        Assert.Equal(["character special file", "directory"], lines[..2]);
        Assert.Equal(["0", "symbolic link"], lines[^2..]);
        Assert.False(File.Exists($"{plant}/nowhere"));
    }
}
