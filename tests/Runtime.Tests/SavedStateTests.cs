using System.Text;
using Rundlet.Linux;
using Rundlet.Runtime.State;

namespace Rundlet.Runtime.Tests;

public sealed class SavedStateTests
{
    [Fact]
    public void What_was_saved_is_read_back()
    {
        SavedState state = Full();
        SavedState read = SavedState.Parse(state.ToBytes(), "web");
        Assert.Equal(state.ToBytes(), read.ToBytes());
        Assert.Equal(("1.3.0", "web", 4711, 123456789UL), (read.OciVersion, read.Id, read.Pid, read.StartTime));
        Assert.Equal(("/b", "/b/rootfs", 1000u, state.Created), (read.Bundle, read.Rootfs, read.Owner, read.Created));
        Assert.Equal("two\nlines", read.Annotations["note"]);
        Assert.Equal("/sys/fs/cgroup/memory/web", read.CgroupPaths["memory"]);
        Assert.Equal("/sys/fs/cgroup/unified/web", read.CgroupPaths[""]);
    }

    [Fact]
    public void Where_the_hooks_stand_is_kept()
    {
        SavedState state = Full();
        state.HasHooks = true;
        state.StartHookOps.AddRange([40, 50]);
        SavedState read = SavedState.Parse(state.ToBytes(), "web");
        Assert.True(read.HasHooks);
        Assert.Equal([40, 50], read.StartHookOps);
        Assert.False(SavedState.Parse(Full().ToBytes(), "web").HasHooks);
    }

    [Fact]
    public void Members_of_a_later_version_are_skipped() =>
        Assert.Equal(7, SavedState.Parse("""{"future":{"deep":[1,{"x":2}]},"pid":7,"other":null}"""u8, "web").Pid);

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[1]")]
    [InlineData("null")]
    [InlineData("\"text\"")]
    [InlineData("{\"pid\":\"7\"}")]
    [InlineData("{\"pid\":7.5}")]
    [InlineData("{\"pid\":99999999999}")]
    [InlineData("{\"startTime\":-1}")]
    [InlineData("{\"owner\":-1}")]
    [InlineData("{\"id\":5}")]
    [InlineData("{\"id\":null}")]
    [InlineData("{\"createdTicks\":-1}")]
    [InlineData("{\"createdTicks\":9223372036854775807}")]
    [InlineData("{\"annotations\":5}")]
    [InlineData("{\"annotations\":[]}")]
    [InlineData("{\"annotations\":{\"a\":null}}")]
    [InlineData("{\"annotations\":{\"a\":{}}}")]
    [InlineData("{\"cgroupPaths\":{\"memory\":1}}")]
    [InlineData("{\"hasHooks\":1}")]
    [InlineData("{\"hasHooks\":true,\"startHookOps\":[\"1\"]}")]
    [InlineData("{} {}")]
    public void Damage_is_told_with_a_cure(string text)
    {
        ContainerException damaged = Assert.Throws<ContainerException>(() => SavedState.Parse(Encoding.UTF8.GetBytes(text), "web"));
        Assert.Equal(ContainerErrorKind.Internal, damaged.Kind);
        Assert.Contains("state of container 'web' is damaged", damaged.Message, StringComparison.Ordinal);
        Assert.Contains("delete --force web", damaged.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_was_cut_short_anywhere_is_damaged()
    {
        byte[] whole = Full().ToBytes();
        for (int length = 0; length < whole.Length; length++)
            Assert.Throws<ContainerException>(() => SavedState.Parse(whole.AsSpan(0, length), "web"));
    }

    [Fact]
    public void A_changed_byte_never_ends_in_anything_but_a_state_or_damage()
    {
        byte[] whole = Full().ToBytes();
        Random random = new(1);
        for (int i = 0; i < 5000; i++)
        {
            byte[] changed = [.. whole];
            for (int count = random.Next(1, 4); count > 0; count--)
                changed[random.Next(changed.Length)] = (byte)random.Next(256);
            Exception? thrown = Record.Exception(() => SavedState.Parse(changed, "web"));
            Assert.True(thrown is null or ContainerException, $"{thrown?.GetType().Name}: {Encoding.UTF8.GetString(changed)}");
        }
    }

    private static SavedState Full()
    {
        SavedState state = new()
        {
            OciVersion = "1.3.0",
            Id = "web",
            Pid = 4711,
            StartTime = 123456789,
            Bundle = "/b",
            Rootfs = "/b/rootfs",
            Created = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero).AddTicks(6789),
            Owner = 1000,
        };
        state.Annotations["note"] = "two\nlines";
        state.Annotations["org.example"] = "ä";
        state.CgroupPaths[""] = "/sys/fs/cgroup/unified/web";
        state.CgroupPaths["memory"] = "/sys/fs/cgroup/memory/web";
        return state;
    }
}
