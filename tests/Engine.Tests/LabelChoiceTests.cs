using Rundlet.Engine.Options;
using Rundlet.Engine.Specs;
using Rundlet.Engine.Volumes;
using Rundlet.Linux;
using Rundlet.Linux.Labels;
using Rundlet.Syscalls;

namespace Rundlet.Engine.Tests;

/// <summary>What a container is called where SELinux runs; that the kernel takes it at its word is for <c>./dev vm itest selinux</c>.</summary>
public sealed class LabelChoiceTests
{
    private static readonly SelinuxContexts s_contexts = new(
        SelinuxLabel.TryParse("system_u:system_r:box_t:s0")!, SelinuxLabel.TryParse("system_u:object_r:box_file_t:s0")!, SelinuxLabel.TryParse("system_u:object_r:box_ro_t:s0")!);

    private static readonly ContainerOptions s_plain = new() { Image = "x" };

    [Fact]
    public void Without_a_word_a_container_has_the_policys_type_and_two_categories_of_its_own()
    {
        SelinuxOptions label = LabelChoice.For(s_plain, s_contexts, []);
        Assert.Null(label.Level);
        for (int i = 0; i < 1000; i++)
        {
            SelinuxOptions drawn = LabelChoice.WithCategories(label);
            int[] categories = [.. drawn.Level!["s0:".Length..].Split(',').Select(category => int.Parse(category[1..]))];
            Assert.Equal(2, categories.Length);
            Assert.True(categories[0] >= 0 && categories[0] < categories[1] && categories[1] < 1022, drawn.Level);
            Assert.Equal($"system_u:system_r:box_t:{drawn.Level}", drawn.ProcessLabel);
            Assert.Equal($"system_u:object_r:box_file_t:{drawn.Level}", drawn.MountLabel);
        }
    }

    [Fact]
    public void What_the_user_says_stays_and_the_policy_says_the_rest()
    {
        SelinuxOptions label = LabelChoice.For(With(new SelinuxOptions { Type = "web_t", Level = "s0:c5" }), s_contexts, []);
        Assert.Equal(label, LabelChoice.WithCategories(label));
        Assert.Equal(("system_u:system_r:web_t:s0:c5", "system_u:object_r:box_file_t:s0:c5"), (label.ProcessLabel, label.MountLabel));
        Assert.Equal("system_u:system_r:web_t:s0:c5", LabelChoice.For(With(new SelinuxOptions { Type = "web_t", Level = "s0:c5" }) with { Namespaces = new() { Pid = "host" } }, s_contexts, []).ProcessLabel);
    }

    [Fact]
    public void Who_is_privileged_or_shares_the_hosts_processes_has_no_label_and_yet_closed_files()
    {
        foreach (ContainerOptions options in (ContainerOptions[])[
            s_plain with { Security = new SecurityOptions { Privileged = true } }, s_plain with { Namespaces = new() { Ipc = "host" } },
            s_plain with { Namespaces = new() { Pid = "host" } }, With(new SelinuxOptions { Disable = true, Type = "web_t" })])
        {
            SelinuxOptions label = LabelChoice.WithCategories(LabelChoice.For(options, s_contexts, []));
            Assert.Equal((null, "system_u:object_r:box_file_t:s0:c1022,c1023"), (label.ProcessLabel, label.MountLabel));
        }
    }

    [Fact]
    public void Who_shares_another_containers_processes_has_its_label()
    {
        const string Theirs = "system_u:system_r:other_t:s0:c1,c2";
        SelinuxOptions label = LabelChoice.For(s_plain, s_contexts, [Theirs, Theirs]);
        Assert.Equal((Theirs, "system_u:object_r:box_file_t:s0:c1,c2"), (label.ProcessLabel, label.MountLabel));
        Assert.Null(LabelChoice.For(s_plain, s_contexts, [null]).ProcessLabel);
        Assert.Contains("--ipc and --pid", Assert.Throws<ContainerException>(() => LabelChoice.For(s_plain, s_contexts, [Theirs, null])).Message);
    }

    [Fact]
    public void A_policy_without_containers_or_without_levels_is_left_in_peace()
    {
        Assert.Null(LabelChoice.WithCategories(LabelChoice.For(s_plain, null, [])).MountLabel);
        Assert.Null(LabelChoice.For(With(new SelinuxOptions { Disable = true }), null, []).MountLabel);
        SelinuxContexts flat = new(SelinuxLabel.TryParse("u:r:box_t")!, SelinuxLabel.TryParse("u:object_r:box_file_t")!, SelinuxLabel.TryParse("u:object_r:box_ro_t")!);
        SelinuxOptions label = LabelChoice.WithCategories(LabelChoice.For(s_plain, flat, []));
        Assert.Equal(("u:r:box_t", "u:object_r:box_file_t", "u:object_r:box_file_t"), (label.ProcessLabel, label.MountLabel, label.SharedLabel));
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/usr")]
    [InlineData("/proc/self/root/etc")]
    [InlineData("/usr/../var/lib")]
    public void What_the_host_lives_from_is_not_relabelled(string path)
    {
        using OwnedFd fd = FileIo.Open(Sys.AT_FDCWD, path, O.PATH);
        Assert.Contains("must not be relabelled", Assert.Throws<ContainerException>(() => Relabelling.RequireHarmless(fd.Value, path)).Message);
    }

    [Fact]
    public void A_folder_of_ones_own_may_be_relabelled()
    {
        using TestRoot root = new();
        using OwnedFd fd = FileIo.Open(Sys.AT_FDCWD, root.Paths.Root, O.PATH);
        Relabelling.RequireHarmless(fd.Value, root.Paths.Root);
    }

    private static ContainerOptions With(SelinuxOptions label) => s_plain with { Security = new SecurityOptions { Selinux = label } };
}
