using Rundlet.Linux.Capabilities;

namespace Rundlet.Linux.Tests.Capabilities;

public class CapabilityTests
{
    [Fact]
    public void Names_and_numbers_are_those_of_the_kernel_headers()
    {
        const string Header = "/usr/include/linux/capability.h";
        if (!File.Exists(Header))
            Assert.Skip($"no {Header}");
        var seen = new Dictionary<string, uint>();
        foreach (string line in File.ReadAllLines(Header))
        {
            string[] words = line.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
            if (words is ["#define", var name, var number] && name.StartsWith("CAP_", StringComparison.Ordinal) && uint.TryParse(number, out uint value))
                seen[name] = value;
        }
        Assert.True(seen.Count >= Capability.Count);
        foreach ((string name, uint number) in seen)
        {
            Assert.Equal(number, Capability.FromName(name));
            Assert.Equal(name, Capability.NameOf(number));
        }
    }

    [Theory]
    [InlineData("CAP_NET_ADMIN")]
    [InlineData("NET_ADMIN")]
    [InlineData("net_admin")]
    [InlineData("Cap_Net_Admin")]
    public void People_write_names_in_their_own_way(string text) => Assert.Equal(12u, Capability.Parse(text));

    [Theory]
    [InlineData("CAP_NET_ADMN", "did you mean 'CAP_NET_ADMIN'?")]
    [InlineData("sysadmin", "did you mean 'CAP_SYS_ADMIN'?")]
    [InlineData("qqqqqqqqq", null)]
    [InlineData("", null)]
    public void An_unknown_name_gets_the_nearest_as_a_hint(string text, string? hint)
    {
        ContainerException unknown = Assert.Throws<ContainerException>(() => Capability.Parse(text));
        Assert.Equal(ContainerErrorKind.InvalidArgument, unknown.Kind);
        Assert.Equal($"unknown capability '{text}'", unknown.Message);
        Assert.Equal(hint, unknown.Hint);
    }

    [Fact]
    public void Names_of_the_specification_are_exact() => Assert.Throws<ContainerException>(() => CapabilitySet.FromNames(["cap_kill"]));

    [Fact]
    public void Sets_are_bits()
    {
        CapabilitySet set = CapabilitySet.FromNames(["CAP_CHOWN", "CAP_CHECKPOINT_RESTORE"]).With(5).With(41);
        Assert.Equal(["CAP_CHOWN", "CAP_KILL", "CAP_CHECKPOINT_RESTORE", "CAP_41"], set.ToNames());
        Assert.Equal("CAP_CHOWN CAP_KILL CAP_CHECKPOINT_RESTORE CAP_41", set.ToString());
        Assert.True(set.Contains(40) && !set.Without(40).Contains(40) && !set.Contains(64));
        Assert.Equal("none", CapabilitySet.None.ToString());
        Assert.Equal(Capability.Count, CapabilitySet.AllKnown.Count);
        Assert.True(CapabilitySet.AllKnown.ContainsAll(set.Without(41)) && !CapabilitySet.AllKnown.ContainsAll(set));
        Assert.Equal(set.Without(41), set.Intersect(CapabilitySet.AllKnown));
    }

    [Fact]
    public void Own_sets_are_those_that_procfs_shows()
    {
        OwnCapabilities own = OwnCapabilities.Read();
        ulong Shown(string name) => Convert.ToUInt64(File.ReadAllLines("/proc/thread-self/status").Single(line => line.StartsWith(name)).Split('\t')[1], 16);
        Assert.Equal(
            (Shown("CapEff:"), Shown("CapPrm:"), Shown("CapInh:"), Shown("CapBnd:")),
            (own.Effective.Bits, own.Permitted.Bits, own.Inheritable.Bits, own.Bounding.Bits));
        Assert.InRange(OwnCapabilities.LastOfKernel(), 37u, 63u);
    }
}
