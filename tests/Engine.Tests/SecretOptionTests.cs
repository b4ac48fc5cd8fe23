using Rundlet.Engine.Options;
using Rundlet.Engine.Specs;
using Rundlet.Linux;
using Rundlet.Oci;

namespace Rundlet.Engine.Tests;

public sealed class SecretOptionTests
{
    [Theory]
    [InlineData("password", "password", "/run/secrets/password", 0u, 0x124u)]
    [InlineData("source=password,target=pw,uid=5,mode=0400", "password", "/run/secrets/pw", 5u, 0x100u)]
    [InlineData("/etc/key.pem", "/etc/key.pem", "/run/secrets/key.pem", 0u, 0x124u)]
    [InlineData("password,type=mount,dst=/etc/../x", "password", "/x", 0u, 0x124u)]
    public void A_secret_has_a_source_and_a_place(string text, string source, string target, uint uid, uint mode) =>
        Assert.Equal(new SecretOption(source, target, uid, 0, mode), SecretOption.Parse(text));

    [Theory]
    [InlineData("", ContainerErrorKind.InvalidArgument)]
    [InlineData("a/b", ContainerErrorKind.InvalidArgument)]
    [InlineData(".a", ContainerErrorKind.InvalidArgument)]
    [InlineData("a,target=/", ContainerErrorKind.InvalidArgument)]
    [InlineData("a,uid=x", ContainerErrorKind.InvalidArgument)]
    [InlineData("a,mode=4777", ContainerErrorKind.InvalidArgument)]
    [InlineData("a,mode=9", ContainerErrorKind.InvalidArgument)]
    [InlineData("a,colour=red", ContainerErrorKind.InvalidArgument)]
    [InlineData("a,type=env", ContainerErrorKind.Unsupported)]
    public void A_wrong_secret_is_refused(string text, ContainerErrorKind kind) => Assert.Equal(kind, Assert.Throws<ContainerException>(() => SecretOption.Parse(text)).Kind);

    [Fact]
    public void A_secret_is_mounted_read_only_from_the_run_folder()
    {
        Spec spec = SpecBuilder.Build(new SpecInputs
        {
            Id = new string('0', 64),
            Options = new ContainerOptions { Image = "i", Command = ["x"], Secrets = [SecretOption.Parse("a"), SecretOption.Parse("b,target=/x")] },
            Image = new ContainerConfig(),
            User = new User(),
            RunFolder = "/run/c",
        });
        Assert.Equal(
            ["/x /run/c/secrets/1", "/run/secrets/a /run/c/secrets/0"],
            spec.Mounts!.Where(mount => mount.Source!.StartsWith("/run/c/", StringComparison.Ordinal)).Select(mount => $"{mount.Destination} {mount.Source}"));
        Assert.All(spec.Mounts!.Where(mount => mount.Source!.StartsWith("/run/c/", StringComparison.Ordinal)), mount => Assert.Contains("ro", mount.Options!));
    }
}
