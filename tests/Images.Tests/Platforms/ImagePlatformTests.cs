using Rundlet.Images.Platforms;
using Rundlet.Linux;
using Rundlet.Oci;

namespace Rundlet.Images.Tests.Platforms;

public class ImagePlatformTests
{
    [Theory]
    [InlineData("linux/amd64", "linux/amd64")]
    [InlineData("arm64", "linux/arm64")]
    [InlineData("linux/arm64/v8", "linux/arm64")]
    [InlineData("linux/aarch64", "linux/arm64")]
    [InlineData("Linux/X86_64", "linux/amd64")]
    [InlineData("linux/arm/v7", "linux/arm/v7")]
    [InlineData("linux/amd64/v3", "linux/amd64/v3")]
    public void Spellings_are_one(string text, string expected) => Assert.Equal(expected, ImagePlatform.Parse(text).ToString());

    [Theory]
    [InlineData("")]
    [InlineData("linux/")]
    [InlineData("linux/arm/v7/x")]
    [InlineData("linux/a b")]
    public void What_is_none_is_refused(string text) =>
        Assert.Equal(ContainerErrorKind.InvalidArgument, Assert.Throws<ContainerException>(() => ImagePlatform.Parse(text)).Kind);

    [Theory]
    [InlineData("linux/amd64", "amd64,arm64", "amd64")]
    [InlineData("linux/amd64", "amd64/v3,amd64", "amd64")]
    [InlineData("linux/amd64", "arm64", null)]
    [InlineData("linux/arm64", "arm64/v8", "arm64/v8")]
    [InlineData("linux/arm", "arm/v5,arm/v7,arm/v6", "arm/v7")]
    [InlineData("linux/arm/v6", "arm/v5,arm/v7,arm/v6", "arm/v6")]
    [InlineData("linux/arm/v6", "arm/v7,arm/v5", "arm/v5")]
    [InlineData("linux/arm/v5", "arm/v7,arm/v6", null)]
    [InlineData("linux/amd64/v3", "amd64,amd64/v4,amd64/v2", "amd64/v2")]
    [InlineData("linux/amd64", "amd64/v3", null)]
    public void The_best_that_fits_is_chosen(string wanted, string there, string? expected)
    {
        Descriptor[] choices = [.. there.Split(',').Select(text => text.Split('/')).Select(parts => new Descriptor
        {
            MediaType = MediaTypes.Manifest, Digest = Digest.Of([]), Size = 0,
            Platform = new Platform { Os = "linux", Architecture = parts[0], Variant = parts.Length > 1 ? parts[1] : null },
        })];
        Platform? chosen = ImagePlatform.Parse(wanted).Choose(choices)?.Platform;
        Assert.Equal(expected, chosen is null ? null : chosen.Variant is null ? chosen.Architecture : $"{chosen.Architecture}/{chosen.Variant}");
    }
}
