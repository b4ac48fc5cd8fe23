using Rundlet.Images.Platforms;
using Rundlet.Linux;
using Rundlet.Oci;

namespace Rundlet.Images.Tests.Platforms;

public class PlatformTests
{
    [Theory]
    [InlineData("linux/amd64", "linux/amd64")]
    [InlineData("linux/x86_64/v1", "linux/amd64")]
    [InlineData("linux/amd64/3", "linux/amd64/v3")]
    [InlineData("LINUX/AARCH64/V8", "linux/arm64")]
    [InlineData("linux/arm64/v8.2", "linux/arm64/v8.2")]
    [InlineData("linux/arm64/9.0", "linux/arm64/v9")]
    [InlineData("linux/arm", "linux/arm/v7")]
    [InlineData("linux/arm/6", "linux/arm/v6")]
    [InlineData("armhf", "linux/arm/v7")]
    [InlineData("armel", "linux/arm/v6")]
    [InlineData("i686", "linux/386")]
    [InlineData("riscv64", "linux/riscv64")]
    [InlineData("windows/amd64", "windows/amd64")]
    [InlineData("macos/arm64", "darwin/arm64")]
    [InlineData("linux/novel", "linux/novel")]
    public void A_platform_has_a_normal_form(string text, string normal)
    {
        ImagePlatform platform = ImagePlatform.Parse(text);
        Assert.Equal(normal, platform.ToString());
        Assert.Equal(platform, ImagePlatform.Parse(normal));
    }

    [Fact]
    public void A_system_alone_is_that_of_this_machines_kind()
    {
        Assert.Equal(ImagePlatform.Machine, ImagePlatform.Parse("linux"));
        Assert.Equal(ImagePlatform.Machine.Architecture, ImagePlatform.Parse("windows").Architecture);
    }

    [Theory]
    [InlineData("")]
    [InlineData("novel")]
    [InlineData("linux/")]
    [InlineData("/amd64")]
    [InlineData("linux/amd64/v3/x")]
    [InlineData("linux/am d64")]
    [InlineData("linux/amd64\n")]
    public void What_is_no_platform_is_refused(string text) =>
        Assert.Equal(ContainerErrorKind.InvalidArgument, Assert.Throws<ContainerException>(() => ImagePlatform.Parse(text)).Kind);

    [Theory]
    [InlineData("linux/amd64", "amd64 386", "arm64 amd64/v2 386 amd64", "amd64")]
    [InlineData("linux/amd64/v3", "amd64/v3 amd64/v2 amd64 386", "386 amd64/v4 amd64 amd64/v2", "amd64/v2")]
    [InlineData("linux/arm/v7", "arm/v7 arm/v6 arm/v5", "arm/v5 arm64 arm/v6 arm/v8", "arm/v6")]
    [InlineData("linux/arm/v6", "arm/v6 arm/v5", "arm arm/v7 arm/v5", "arm/v5")]
    [InlineData("linux/arm64", "arm64 arm/v8 arm/v7 arm/v6 arm/v5", "amd64 arm/v6 arm/v8 arm64/v9", "arm/v8")]
    [InlineData("linux/arm64/v8.2", "arm64/v8.2 arm64/v8.1 arm64 arm/v8 arm/v7 arm/v6 arm/v5", "arm64/v8 arm64/v8.1 arm64/v8.3", "arm64/v8.1")]
    [InlineData("linux/arm64/v9.1", "arm64/v9.1 arm64/v9 arm64/v8.6 arm64/v8.5 arm64/v8.4 arm64/v8.3 arm64/v8.2 arm64/v8.1 arm64 arm/v8", "arm64/v8.7 arm64/v8.6 arm64", "arm64/v8.6")]
    [InlineData("linux/s390x", "s390x", "amd64 s390x", "s390x")]
    public void The_best_that_runs_is_chosen(string wanted, string order, string offered, string chosen)
    {
        var matcher = new PlatformMatcher(ImagePlatform.Parse(wanted));
        string[] ranks = order.Split(' ');
        for (int rank = 0; rank < ranks.Length; rank++)
            Assert.Equal(rank, matcher.RankOf(ImagePlatform.Parse($"linux/{ranks[rank]}")));
        List<Descriptor> manifests = [.. offered.Split(' ').Select(name => Manifest("linux", name))];
        Assert.Same(manifests[Array.IndexOf(offered.Split(' '), chosen)], matcher.Select(manifests, "it"));
        Assert.Equal(-1, matcher.RankOf(ImagePlatform.Parse($"windows/{ranks[0]}")));
    }

    [Fact]
    public void Of_equals_the_first_is_chosen_and_what_tells_nothing_last()
    {
        var matcher = new PlatformMatcher(ImagePlatform.Parse("linux/amd64"));
        Descriptor silent = Manifest(null, ""), first = Manifest("linux", "amd64/v1"), second = Manifest("linux", "amd64"), attestation = Manifest("unknown", "unknown");
        Assert.Same(first, matcher.Select([attestation, silent, first, second], "it"));
        Assert.Same(silent, matcher.Select([attestation, silent], "it"));
    }

    [Fact]
    public void Where_nothing_fits_the_error_says_what_there_is()
    {
        var matcher = new PlatformMatcher(ImagePlatform.Parse("linux/s390x"));
        var error = Assert.Throws<ContainerException>(() => matcher.Select([Manifest("linux", "amd64"), Manifest("unknown", "unknown"), Manifest("linux", "arm\u001b/v6")], "image 'web:latest'"));
        Assert.Equal("image 'web:latest' is not for 'linux/s390x'", error.Message);
        Assert.Equal("it is for linux/amd64, linux/arm\\x1b/v6", error.Hint);
        Assert.Equal("it has no image at all", Assert.Throws<ContainerException>(() => matcher.Select([], "it")).Hint);
    }

    private static Descriptor Manifest(string? os, string name)
    {
        string[] parts = name.Split('/');
        return new Descriptor
        {
            MediaType = MediaTypes.Manifest,
            Digest = Digest.Of(Guid.NewGuid().ToByteArray()),
            Size = 1,
            Platform = os is null ? null : new Platform { Os = os, Architecture = parts[0], Variant = parts.Length > 1 ? parts[1] : null },
        };
    }
}
