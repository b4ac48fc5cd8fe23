using Rundlet.Runtime.Planning;
using Rundlet.Syscalls;

namespace Rundlet.Runtime.Tests;

// What belongs in this project: the translation of a spec into plans and settings, and the state folder. Nothing here
// makes a container: that is Runcs.Tests.

public sealed class MountOptionsTests
{
    public static TheoryData<string, ulong, ulong> Attributes => new()
    {
        { "ro", MOUNT_ATTR.RDONLY, 0 },
        { "rw", 0, MOUNT_ATTR.RDONLY },
        { "nosuid", MOUNT_ATTR.NOSUID, 0 },
        { "suid", 0, MOUNT_ATTR.NOSUID },
        { "nodev", MOUNT_ATTR.NODEV, 0 },
        { "dev", 0, MOUNT_ATTR.NODEV },
        { "noexec", MOUNT_ATTR.NOEXEC, 0 },
        { "exec", 0, MOUNT_ATTR.NOEXEC },
        { "nodiratime", MOUNT_ATTR.NODIRATIME, 0 },
        { "diratime", 0, MOUNT_ATTR.NODIRATIME },
        { "nosymfollow", MOUNT_ATTR.NOSYMFOLLOW, 0 },
        { "symfollow", 0, MOUNT_ATTR.NOSYMFOLLOW },
        { "noatime", MOUNT_ATTR.NOATIME, MOUNT_ATTR._ATIME & ~MOUNT_ATTR.NOATIME },
        { "strictatime", MOUNT_ATTR.STRICTATIME, MOUNT_ATTR._ATIME & ~MOUNT_ATTR.STRICTATIME },
        { "relatime", 0, MOUNT_ATTR._ATIME },
    };

    [Theory]
    [MemberData(nameof(Attributes))]
    public void Words_of_the_mount_itself_become_attributes(string word, ulong set, ulong clear)
    {
        MountOptions options = MountOptions.Parse([word]);
        Assert.Equal(set, options.Set);
        // mount_setattr(2) wants the whole access-time field cleared when one of its values is set.
        Assert.Equal(clear, options.Clear & ~options.Set);
        Assert.Empty(options.Data);
        Assert.Equal((0UL, 0UL), (options.RecursiveSet, options.RecursiveClear));
    }

    [Theory]
    [MemberData(nameof(Attributes))]
    public void An_r_in_front_means_all_mounts_beneath(string word, ulong set, ulong clear)
    {
        MountOptions options = MountOptions.Parse([$"r{word}"]);
        Assert.Equal(set, options.RecursiveSet);
        Assert.Equal(clear, options.RecursiveClear & ~options.RecursiveSet);
        Assert.Equal((0UL, 0UL), (options.Set, options.Clear));
        Assert.Empty(options.Data);
    }

    [Theory]
    [InlineData("noatime")]
    [InlineData("strictatime")]
    [InlineData("relatime")]
    public void An_access_time_word_clears_the_whole_field(string word) =>
        Assert.Equal(MOUNT_ATTR._ATIME, MountOptions.Parse([word]).Clear & MOUNT_ATTR._ATIME);

    [Fact]
    public void The_last_of_two_contradicting_words_wins()
    {
        Assert.Equal(MOUNT_ATTR.RDONLY, MountOptions.Parse(["rw", "ro"]).Set);
        Assert.Equal(0UL, MountOptions.Parse(["rw", "ro"]).Clear);
        Assert.Equal(0UL, MountOptions.Parse(["ro", "rw"]).Set);
        Assert.Equal(MOUNT_ATTR.STRICTATIME, MountOptions.Parse(["noatime", "strictatime"]).Set);
    }

    [Theory]
    [InlineData("shared", MS.SHARED, false)]
    [InlineData("rshared", MS.SHARED, true)]
    [InlineData("slave", MS.SLAVE, false)]
    [InlineData("rslave", MS.SLAVE, true)]
    [InlineData("private", MS.PRIVATE, false)]
    [InlineData("rprivate", MS.PRIVATE, true)]
    [InlineData("unbindable", MS.UNBINDABLE, false)]
    [InlineData("runbindable", MS.UNBINDABLE, true)]
    public void Words_of_propagation(string word, ulong type, bool recursive)
    {
        MountOptions options = MountOptions.Parse([word]);
        Assert.Equal((type, recursive), (options.Propagation, options.PropagationRecursive));
        Assert.Empty(options.Data);
        Assert.Equal((0UL, 0UL), (options.Set, options.Clear));
    }

    [Theory]
    [InlineData("bind", true, false)]
    [InlineData("rbind", true, true)]
    [InlineData("ro", false, false)]
    public void Words_of_binding(string word, bool bind, bool recursive)
    {
        MountOptions options = MountOptions.Parse([word]);
        Assert.Equal((bind, recursive), (options.Bind, options.BindRecursive));
    }

    [Fact]
    public void Everything_else_goes_to_the_file_system_in_order()
    {
        MountOptions options = MountOptions.Parse(["nosuid", "mode=755", "size=65536k", "newinstance", "defaults", "", "lowerdir=a:b", "random"]);
        Assert.Equal(["mode=755", "size=65536k", "newinstance", "lowerdir=a:b", "random"], options.Data);
        Assert.Equal("65536k", options.ValueOf("size"));
        Assert.Null(options.ValueOf("siz"));
        Assert.Null(options.ValueOf("newinstance"));
    }

    [Fact]
    public void No_options_are_no_settings()
    {
        MountOptions options = MountOptions.Parse(null);
        Assert.Empty(options.Data);
        Assert.Equal((0UL, 0UL, 0UL), (options.Set, options.Clear, options.Propagation));
        Assert.False(options.CopyUp);
        Assert.True(MountOptions.Parse(["tmpcopyup"]).CopyUp);
    }
}
