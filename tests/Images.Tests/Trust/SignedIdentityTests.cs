using Rundlet.Images.References;
using Rundlet.Images.Trust;

namespace Rundlet.Images.Tests.Trust;

public class SignedIdentityTests
{
    private const string Digest = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    private const string Other = "sha256:1123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    /// <summary>What is asked for, what is signed, and whether it fits: default, exact, repository.</summary>
    [Theory]
    [InlineData("r.test/a:1", "r.test/a:1", true, true, true)]
    [InlineData("r.test/a:1", "r.test/a:2", false, false, true)]
    [InlineData("r.test/a:1", "r.test/a", false, false, true)]
    [InlineData("r.test/a", "r.test/a", false, false, true)]
    [InlineData("r.test/a", "r.test/a:latest", true, true, true)]
    [InlineData("r.test/a:1", "r.test/b:1", false, false, false)]
    [InlineData("r.test/a:1", "s.test/a:1", false, false, false)]
    [InlineData("r.test/a:1", "r.test:443/a:1", false, false, false)]
    [InlineData("r.test:443/a:1", "r.test:443/a", false, false, true)]
    [InlineData("hello:1", "hello:1", true, true, true)]
    [InlineData("hello:1", "docker.io/library/hello:1", true, true, true)]
    [InlineData("hello:1", "index.docker.io/library/hello", false, false, true)]
    [InlineData("r.test/a@" + Digest, "r.test/a@" + Digest, true, true, true)]
    [InlineData("r.test/a@" + Digest, "r.test/a:1", true, false, true)]
    [InlineData("r.test/a@" + Digest, "r.test/a", true, false, true)]
    [InlineData("r.test/a@" + Digest, "r.test/a@" + Other, true, false, true)]
    [InlineData("r.test/a@" + Digest, "r.test/b", false, false, false)]
    [InlineData("r.test/a:1", "r.test/a:1@" + Digest, false, false, true)]
    [InlineData("r.test/a:1@" + Digest, "r.test/a:1@" + Digest, true, true, true)]
    public void A_signature_is_for_what_it_names(string wanted, string signed, bool byDefault, bool exact, bool repository)
    {
        ImageReference image = ImageReference.Parse(wanted);
        SignedReference reference = SignedReference.TryParse(signed)!;
        Assert.Equal(
            (byDefault, exact, repository),
            (new SignedIdentity(IdentityMatch.RepoDigestOrExact).Accepts(image, reference),
                new SignedIdentity(IdentityMatch.Exact).Accepts(image, reference),
                new SignedIdentity(IdentityMatch.Repository).Accepts(image, reference)));
    }

    [Theory]
    [InlineData("mirror.test/x/a:1", "r.test/a:1", true)]
    [InlineData("mirror.test/x/a:1", "mirror.test/x/a:1", false)]
    [InlineData("mirror.test/x/a:1", "r.test/a", false)]
    [InlineData("mirror.test/xy/a:1", "mirror.test/xy/a:1", true)]
    [InlineData("mirror.test/x/a@" + Digest, "r.test/a", true)]
    [InlineData("elsewhere.test/a:1", "elsewhere.test/a:1", true)]
    public void A_mirror_is_called_by_its_origin(string wanted, string signed, bool fits) =>
        Assert.Equal(fits, new SignedIdentity(IdentityMatch.Remapped, "mirror.test/x", "r.test").Accepts(ImageReference.Parse(wanted), SignedReference.TryParse(signed)!));

    [Fact]
    public void A_policy_may_name_what_must_be_signed()
    {
        ImageReference image = ImageReference.Parse("mirror.test/a:1");
        Assert.True(new SignedIdentity(IdentityMatch.ExactRepository, "r.test/a").Accepts(image, SignedReference.TryParse("r.test/a:7")!));
        Assert.False(new SignedIdentity(IdentityMatch.ExactRepository, "r.test/a").Accepts(image, SignedReference.TryParse("mirror.test/a:1")!));
        Assert.True(new SignedIdentity(IdentityMatch.ExactReference, "r.test/a:7").Accepts(image, SignedReference.TryParse("r.test/a:7")!));
        Assert.False(new SignedIdentity(IdentityMatch.ExactReference, "r.test/a:7").Accepts(image, SignedReference.TryParse("r.test/a:1")!));
    }
}
