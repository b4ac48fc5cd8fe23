using System.Text;
using Rundlet.Images.Snapshots;
using Rundlet.Linux.Labels;
using Rundlet.Syscalls;

namespace Rundlet.Images.Tests.Snapshots;

/// <summary>Where the kernel does not run SELinux, its attribute is one like others, and root may set it.</summary>
public sealed class TreeLabelsTests
{
    private const string Label = "system_u:object_r:container_file_t:s0:c1,c2";

    [Fact]
    public void All_of_a_tree_is_labelled_and_nothing_that_its_links_lead_to()
    {
        Sandbox.SkipUnlessRoot();
        if (SelinuxHost.IsOn)
            Assert.Skip("this kernel runs SELinux: the policy says what may be labelled; ./dev vm itest selinux relabels there");
        using Sandbox box = new();
        string deep = box.Root;
        for (int i = 0; i < 60; i++)
            Directory.CreateDirectory(deep += "/deeper");
        File.WriteAllText($"{deep}/file", "text");
        File.SetUnixFileMode($"{deep}/file", UnixFileMode.None);
        File.CreateSymbolicLink($"{box.Root}/link", box.Canary);
        File.CreateSymbolicLink($"{box.Root}/lost", "nowhere");
        LinuxException.ThrowIfError(Sys.mknodat(Sys.AT_FDCWD, $"{box.Root}/fifo", S.IFIFO | 0x180, 0), "mkfifo");
        Assert.False(TreeLabels.Has(box.RootFd.Value, Label));
        TreeLabels.Apply(box.RootFd.Value, Label, box.Root);
        Assert.True(TreeLabels.Has(box.RootFd.Value, Label));
        Assert.False(TreeLabels.Has(box.RootFd.Value, Label + "0"));
        foreach (string path in (string[])[deep, $"{deep}/file", $"{box.Root}/link", $"{box.Root}/lost", $"{box.Root}/fifo", $"{box.Root}/deeper"])
            Assert.Equal(Label, LabelOf(path));
        Assert.Null(LabelOf(box.Canary));
        box.AssertUntouched();
    }

    [Fact]
    public void A_tree_whose_labelling_was_cut_off_does_not_look_whole()
    {
        Sandbox.SkipUnlessRoot();
        if (SelinuxHost.IsOn)
            Assert.Skip("this kernel runs SELinux: the policy says what may be labelled; ./dev vm itest selinux relabels there");
        using Sandbox box = new();
        File.WriteAllText($"{box.Root}/first", "");
        Sandbox.Run("mkdir", $"{box.Root}/second");
        Sandbox.Run("chattr", "+i", $"{box.Root}/second"); // whose label cannot be set
        try
        {
            Assert.Contains("second", Assert.Throws<LinuxException>(() => TreeLabels.Apply(box.RootFd.Value, Label, "tree")).Message);
            Assert.Equal(Label, LabelOf($"{box.Root}/first"));
            Assert.False(TreeLabels.Has(box.RootFd.Value, Label));
        }
        finally
        {
            Sandbox.Run("chattr", "-i", $"{box.Root}/second");
        }
    }

    private static string? LabelOf(string path)
    {
        byte[] value = new byte[256];
        nint length = Sys.lgetxattr(path, "security.selinux", value);
        return length < 0 ? null : Encoding.ASCII.GetString(value.AsSpan(0, (int)length)).TrimEnd('\0');
    }
}
