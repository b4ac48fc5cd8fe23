using Rundlet.Linux.Cgroups;
using Rundlet.Linux.Systemd;

namespace Rundlet.Linux.Tests.Systemd;

public class SystemdUnitTests
{
    [Theory]
    [InlineData(null, "system.slice", "runcs-web.scope", "/system.slice/runcs-web.scope")]
    [InlineData("user.slice:libpod:0123", "user.slice", "libpod-0123.scope", "/user.slice/libpod-0123.scope")]
    [InlineData(":cri:x", "system.slice", "cri-x.scope", "/system.slice/cri-x.scope")]
    [InlineData("-.slice:a:b", "-.slice", "a-b.scope", "/a-b.scope")]
    [InlineData("a-b-c.slice::x", "a-b-c.slice", "x.scope", "/a.slice/a-b.slice/a-b-c.slice/x.scope")]
    public void A_path_names_a_slice_and_a_scope(string? path, string slice, string name, string cgroup)
    {
        var unit = SystemdUnit.Parse(path, "web", isUser: false);
        Assert.Equal((slice, name, cgroup), (unit.Slice, unit.Name, unit.CgroupPath));
    }

    [Theory]
    [InlineData("/a/b")]
    [InlineData("a")]
    [InlineData("system.slice:x")]
    [InlineData("system.slice:x:y:z")]
    [InlineData("system.slice:x:")]
    [InlineData("system.slice:x:../y")]
    [InlineData("system:x:y")]
    [InlineData("-a.slice:x:y")]
    [InlineData("a--b.slice:x:y")]
    [InlineData("a-.slice:x:y")]
    [InlineData(".slice:x:y")]
    public void Another_form_is_refused(string path) =>
        Assert.Equal(ContainerErrorKind.InvalidArgument, Assert.Throws<ContainerException>(() => SystemdUnit.Parse(path, "web", isUser: false)).Kind);

    [Theory]
    [InlineData("true", "b", 1)]
    [InlineData("7", "i", 7)]
    [InlineData("-7", "i", unchecked((ulong)-7))]
    [InlineData("uint64 30000000", "t", 30000000)]
    [InlineData("@t 5", "t", 5)]
    [InlineData("0x1f", "i", 31)]
    [InlineData("byte 255", "y", 255)]
    public void Numbers_of_annotations_are_read(string text, string type, ulong number)
    {
        DBusValue value = VariantText.Parse(text, "key");
        Assert.Equal((type, number), (value.Signature, value.Number));
    }

    [Fact]
    public void Texts_and_arrays_of_annotations_are_read()
    {
        Assert.Equal("it's", VariantText.Parse("""'it\'s'""", "key").Text);
        Assert.Equal("inactive-or-failed", VariantText.Parse("\"inactive-or-failed\"", "key").Text);
        DBusValue list = VariantText.Parse("['a.service', 'b.service']", "key");
        Assert.Equal(("as", "a.service", "b.service"), (list.Signature, list.Items[0].Text, list.Items[1].Text));
        Assert.Equal(("at", 0), (VariantText.Parse("@at []", "key").Signature, VariantText.Parse("@at []", "key").Items.Count));
        Assert.Equal(BitConverter.DoubleToUInt64Bits(1.5), VariantText.Parse("1.5", "key").Number);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("['a', 1]")]
    [InlineData("['a'")]
    [InlineData("'a")]
    [InlineData("'a' 'b'")]
    [InlineData("byte 256")]
    [InlineData("uint32 -1")]
    [InlineData("2147483648")]
    [InlineData("{'a': 1}")]
    [InlineData("<1>")]
    [InlineData("[['a']]")]
    [InlineData("@aaaaaaaas []")]
    [InlineData("maybe")]
    [InlineData("uint64")]
    [InlineData("string 5")]
    public void What_is_malformed_in_annotations_is_refused_by_name(string text) =>
        Assert.StartsWith("annotation 'key': ", Assert.Throws<ContainerException>(() => VariantText.Parse(text, "key")).Message, StringComparison.Ordinal);

    [Fact]
    public void Random_annotations_are_read_or_refused()
    {
        const string Letters = "[]()'\"\\ ,@astuixyb015.-%truefalsint64\n";
        var random = new Random(4);
        for (int i = 0; i < 50_000; i++)
        {
            string text = string.Concat(Enumerable.Range(0, random.Next(24)).Select(_ => Letters[random.Next(Letters.Length)]));
            try
            {
                Assert.NotEmpty(VariantText.Parse(text, "key").Signature);
            }
            catch (ContainerException refused)
            {
                Assert.Equal(ContainerErrorKind.InvalidArgument, refused.Kind);
            }
        }
    }

    [Fact]
    public void Properties_come_from_annotations_and_seconds_become_microseconds()
    {
        List<SystemdProperty> properties = SystemdProperty.FromAnnotations(new Dictionary<string, string>
        {
            ["org.systemd.property.TimeoutStopSec"] = "uint64 3",
            ["org.systemd.property.RuntimeMaxUSec"] = "uint64 9",
            ["other"] = "[",
        });
        Assert.Equal([("TimeoutStopUSec", 3_000_000ul), ("RuntimeMaxUSec", 9ul)], properties.Select(one => (one.Name, one.Value.Number)));
        Assert.Throws<ContainerException>(() => SystemdProperty.FromAnnotations(new Dictionary<string, string> { ["org.systemd.property.A-B"] = "true" }));
        Assert.Throws<ContainerException>(() => SystemdProperty.FromAnnotations(new Dictionary<string, string> { ["org.systemd.property.RuntimeMaxSec"] = "'x'" }));
    }

    [Fact]
    public void Limits_become_properties()
    {
        var settings = new CgroupSettings
        {
            Memory = new MemorySettings { Limit = 100, Swap = 150, Reservation = 50 },
            Cpu = new CpuSettings { Shares = 1024, Quota = 25000, Period = 50000 },
            PidsLimit = -1,
            CpusetCpus = "0-2,8",
            BlockIo = new BlockIoSettings { Weight = 1000 },
            Unified = new Dictionary<string, string> { ["memory.high"] = "77", ["io.max"] = "8:0 rbps=1" },
        };
        Dictionary<string, DBusValue> properties = SystemdResources.Of(settings, isV2: true, version: 252).ToDictionary(one => one.Name, one => one.Value);
        Assert.Equal(
            [("MemoryMax", 100), ("MemorySwapMax", 50), ("MemoryLow", 50), ("CPUWeight", 100), ("CPUQuotaPerSecUSec", 500_000), ("CPUQuotaPeriodUSec", 50_000), ("TasksMax", ulong.MaxValue), ("IOWeight", 10000), ("MemoryHigh", 77ul)],
            ((string[])["MemoryMax", "MemorySwapMax", "MemoryLow", "CPUWeight", "CPUQuotaPerSecUSec", "CPUQuotaPeriodUSec", "TasksMax", "IOWeight", "MemoryHigh"]).Select(name => (name, properties[name].Number)));
        Assert.Equal([7ul, 1ul], properties["AllowedCPUs"].Items.Select(item => item.Number));
        Assert.DoesNotContain("AllowedCPUs", SystemdResources.Of(settings, isV2: true, version: 240).Select(one => one.Name));
        Assert.Contains("MemoryLimit", SystemdResources.Of(settings, isV2: false, version: 252).Select(one => one.Name));
    }

    [Theory]
    [InlineData(25000, 100000, 250_000)]
    [InlineData(1, 100000, 10_000)]
    [InlineData(33333, 100000, 340_000)]
    [InlineData(-1, 100000, ulong.MaxValue)]
    [InlineData(200000, 0, 2_000_000)]
    public void A_quota_is_rounded_up_to_a_hundredth_of_a_processor(long quota, ulong period, ulong expected) => Assert.Equal(expected, SystemdResources.QuotaPerSecond(quota, period));
}
