using Rundlet.Engine.Operations;
using Rundlet.Engine.Options;
using Rundlet.Linux;

namespace Rundlet.Engine.Tests;

public sealed class OptionTests
{
    [Theory]
    [InlineData("4096", 4096)]
    [InlineData("4096b", 4096)]
    [InlineData("128m", 128L << 20)]
    [InlineData("128M", 128L << 20)]
    [InlineData("128mb", 128L << 20)]
    [InlineData("128MiB", 128L << 20)]
    [InlineData("1.5g", 3L << 29)]
    [InlineData("2t", 2L << 40)]
    public void A_size_has_units_of_1024(string text, long bytes) => Assert.Equal(bytes, Quantity.ParseBytes(text, "size"));

    [Theory]
    [InlineData("")]
    [InlineData("m")]
    [InlineData("12x")]
    [InlineData("-5m")]
    [InlineData("1e9")]
    [InlineData("99999999999999999999p")]
    [InlineData("9223372036854775807k")]
    public void A_wrong_size_is_refused(string text) =>
        Assert.Equal(ContainerErrorKind.InvalidArgument, Assert.Throws<ContainerException>(() => Quantity.ParseBytes(text, "size")).Kind);

    [Theory]
    [InlineData("/a:/b", "/a", "/b", "rbind,rprivate")]
    [InlineData("/a:/b:ro", "/a", "/b", "rbind,rro,rprivate")]
    [InlineData("/a:/b:ro,rshared", "/a", "/b", "rbind,rro,rshared")]
    [InlineData("/a/../c:/b//d/", "/c", "/b/d", "rbind,rprivate")]
    public void A_path_is_a_bind_mount(string text, string source, string destination, string options)
    {
        MountOption mount = MountOption.ParseVolume(text);
        Assert.Equal((MountKind.Bind, source, destination.TrimEnd('/')), (mount.Kind, mount.Source, mount.Destination.TrimEnd('/')));
        Assert.Equal(options, string.Join(',', mount.Options));
    }

    [Theory]
    [InlineData("data:/b", "data", "/b", "rbind,rprivate", "")]
    [InlineData("data:/b:ro,nocopy", "data", "/b", "rbind,rro,rprivate", "ro,nocopy")]
    [InlineData("/b", "", "/b", "rbind,rprivate", "")]
    public void A_name_or_nothing_is_a_volume(string text, string source, string destination, string options, string mode)
    {
        MountOption mount = MountOption.ParseVolume(text);
        Assert.Equal((MountKind.Volume, source, destination, mode), (mount.Kind, mount.Source, mount.Destination, mount.Mode));
        Assert.Equal(options, string.Join(',', mount.Options));
        Assert.Equal((source.Length == 0, mode.Contains("nocopy"), !mode.Contains("ro")), (mount.Volume!.IsAnonymous, mount.Volume.NoCopy, mount.IsWritable));
    }

    [Fact]
    public void A_volume_is_described_by_fields()
    {
        MountOption mount = MountOption.ParseMount("type=volume,src=data,dst=/b,ro,volume-nocopy,volume-subpath=a/b,volume-label=x=1,volume-label=y,volume-driver=local");
        Assert.Equal((MountKind.Volume, "data", "/b", false), (mount.Kind, mount.Source, mount.Destination, mount.IsWritable));
        Assert.Equal((true, "a/b", "1", ""), (mount.Volume!.NoCopy, mount.Volume.Subpath, mount.Volume.Labels["x"], mount.Volume.Labels["y"]));
        Assert.True(MountOption.ParseMount("dst=/b").Volume!.IsAnonymous);
    }

    [Theory]
    [InlineData("type=bind,src=/a,dst=/b,ro,bind-recursive=writable", "rbind,ro,rprivate")]
    [InlineData("type=bind,src=/a,dst=/b,ro,bind-recursive=readonly", "rbind,rro,rprivate")]
    [InlineData("type=bind,src=/a,dst=/b,ro,bind-recursive=disabled", "bind,ro,rprivate")]
    [InlineData("type=bind,\"src=/a,\"\"c\"\"\",dst=/b", "rbind,rprivate")]
    public void How_far_a_bind_mount_reaches_is_said_by_a_field(string text, string options) => Assert.Equal(options, string.Join(',', MountOption.ParseMount(text).Options));

    [Theory]
    [InlineData("data:/b:rshared", ContainerErrorKind.InvalidArgument)]
    [InlineData("d:/b", ContainerErrorKind.InvalidArgument)]
    [InlineData("a b:/b", ContainerErrorKind.InvalidArgument)]
    [InlineData("/a:/b:nocopy", ContainerErrorKind.InvalidArgument)]
    [InlineData("/a:b", ContainerErrorKind.InvalidArgument)]
    [InlineData("/a:/", ContainerErrorKind.InvalidArgument)]
    [InlineData("/a:/b:rx", ContainerErrorKind.InvalidArgument)]
    [InlineData("/a:/b:ro:x", ContainerErrorKind.InvalidArgument)]
    [InlineData(":/b", ContainerErrorKind.InvalidArgument)]
    public void A_wrong_volume_is_refused(string text, ContainerErrorKind kind) =>
        Assert.Equal(kind, Assert.Throws<ContainerException>(() => MountOption.ParseVolume(text)).Kind);

    [Theory]
    [InlineData("/a:/b:z", "rbind,rprivate", "shared")]
    [InlineData("/a:/b:ro,Z", "rbind,rro,rprivate", "private")]
    [InlineData("data:/b:Z", "rbind,rprivate", "private")]
    [InlineData("data:/b:ro", "rbind,rro,rprivate", null)]
    public void What_is_said_of_labels_is_kept_and_no_option_of_the_mount(string text, string options, string? relabel)
    {
        MountOption mount = MountOption.ParseVolume(text);
        Assert.Equal((options, relabel), (string.Join(',', mount.Options), mount.Relabel));
    }

    [Fact]
    public void The_word_of_podman_for_labels_is_known_where_there_are_files_to_label()
    {
        Assert.Equal("shared", MountOption.ParseMount("type=bind,source=/a,target=/b,relabel=shared").Relabel);
        Assert.Equal("private", MountOption.ParseMount("type=volume,source=data,target=/b,relabel=private").Relabel);
        foreach (string wrong in (string[])["type=bind,source=/a,target=/b,relabel=z", "type=tmpfs,target=/b,relabel=shared", "type=bind,source=/a,target=/b,relabel"])
            Assert.Contains("relabel", Assert.Throws<ContainerException>(() => MountOption.ParseMount(wrong)).Message);
        Assert.Contains("one of z and Z", Assert.Throws<ContainerException>(() => MountOption.ParseVolume("/a:/b:z,Z")).Message);
    }

    [Theory]
    [InlineData("type=bind,source=/a,target=/b", MountKind.Bind, "rbind,rprivate")]
    [InlineData("type=bind,src=/a,dst=/b,readonly", MountKind.Bind, "rbind,rro,rprivate")]
    [InlineData("type=bind,src=/a,dst=/b,bind-nonrecursive,bind-propagation=rslave", MountKind.Bind, "bind,rslave")]
    [InlineData("type=tmpfs,target=/b,tmpfs-size=1m,tmpfs-mode=1777", MountKind.Tmpfs, "noexec,nosuid,nodev,size=1048576,mode=1777")]
    public void A_mount_is_read_by_its_fields(string text, MountKind kind, string options)
    {
        MountOption mount = MountOption.ParseMount(text);
        Assert.Equal((kind, "/b"), (mount.Kind, mount.Destination));
        Assert.Equal(options, string.Join(',', mount.Options));
    }

    [Theory]
    [InlineData("type=bind,source=a,target=/b")]
    [InlineData("type=bind,source=/a,target=b")]
    [InlineData("type=bind,source=/a,target=/b,colour=red")]
    [InlineData("type=ramdisk,target=/b")]
    [InlineData("type=bind,source=/a,target=/b,volume-nocopy")]
    [InlineData("type=volume,target=/b,tmpfs-size=1m")]
    [InlineData("type=volume,target=/b,volume-subpath=x")]
    [InlineData("type=volume,source=/a,target=/b")]
    [InlineData("type=volume,source=data,target=/b,volume-opt=colour=red")]
    [InlineData("type=bind,source=/a,target=/b,bind-recursive=readonly")]
    [InlineData("type=bind,source=/a,target=/b,bind-recursive=often")]
    [InlineData("type=bind,source=/a,\"target=/b")]
    [InlineData("type")]
    [InlineData("type=tmpfs,source=/a,target=/b")]
    [InlineData("type=bind,source=/a,target=/b,readonly=maybe")]
    public void A_wrong_mount_is_refused(string text) =>
        Assert.Equal(ContainerErrorKind.InvalidArgument, Assert.Throws<ContainerException>(() => MountOption.ParseMount(text)).Kind);

    [Fact]
    public void An_option_of_a_tmpfs_replaces_its_opposite()
    {
        Assert.Equal("nosuid,nodev,exec,size=64m", string.Join(',', MountOption.ParseTmpfs("/tmp:exec,size=64m").Options));
        Assert.Throws<ContainerException>(() => MountOption.ParseTmpfs("/tmp:lowerdir=/etc"));
    }

    [Fact]
    public void A_later_variable_takes_the_place_of_an_earlier_one() =>
        Assert.Equal(["A=3", "AB=2", "C="], EnvironmentOption.Merge(["A=1", "AB=2"], ["A=3", "C="]));

    [Theory]
    [InlineData(1L << 20, null, null)]
    [InlineData(null, 1L << 30, null)]
    [InlineData(64L << 20, 32L << 20, null)]
    [InlineData(64L << 20, -2L, null)]
    public void Limits_that_cannot_be_are_refused(long? memory, long? swap, long? pids) => Assert.Throws<ContainerException>(
        () => new ResourceOptions { Memory = memory, MemorySwap = swap, PidsLimit = pids }.Validate());

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(262_145)]
    public void Cpu_shares_out_of_range_are_refused(long shares) => Assert.Throws<ContainerException>(() => new ResourceOptions { CpuShares = shares }.Validate());

    [Fact]
    public void Swap_is_twice_the_memory_unless_said_otherwise()
    {
        Assert.Equal(128L << 20, new ResourceOptions { Memory = 64 << 20 }.EffectiveSwap);
        Assert.Equal(-1, new ResourceOptions { Memory = 64 << 20, MemorySwap = -1 }.EffectiveSwap);
        Assert.Null(new ResourceOptions().EffectiveSwap);
    }

    [Fact]
    public void Cpus_become_a_quota_of_a_tenth_of_a_second()
    {
        var cpu = new ResourceOptions { NanoCpus = Quantity.ParseCpus("0.5") }.ToResources().Cpu!;
        Assert.Equal((50_000L, 100_000UL), (cpu.Quota!.Value, cpu.Period!.Value));
    }

    [Theory]
    [InlineData("")]
    [InlineData(""","security":{},"resources":{},"namespaces":{},"devices":{},"dns":{}""")]
    public void What_the_row_of_an_older_version_lacks_is_what_nobody_asked_for(string members)
    {
        ContainerOptions read = InspectContainer.OptionsOf(TestRoot.Record("old") with { Options = $$"""{"image":"i","stopTimeout":10{{members}}}""" });
        Assert.Equal(OptionsJson.Write(new ContainerOptions { Image = "i" }), OptionsJson.Write(read));
    }
}
