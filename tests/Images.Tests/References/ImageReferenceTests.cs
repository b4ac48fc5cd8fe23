using Rundlet.Images.References;
using Rundlet.Linux;

namespace Rundlet.Images.Tests.References;

public class ImageReferenceTests
{
    private const string Hex = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    [Theory]
    [InlineData("hello", "docker.io/library/hello:latest", "hello:latest")]
    [InlineData("hello:1.0", "docker.io/library/hello:1.0", "hello:1.0")]
    [InlineData("team/web", "docker.io/team/web:latest", "team/web:latest")]
    [InlineData("docker.io/hello", "docker.io/library/hello:latest", "hello:latest")]
    [InlineData("index.docker.io/team/web", "docker.io/team/web:latest", "team/web:latest")]
    [InlineData("localhost/web", "localhost/web:latest", "localhost/web:latest")]
    [InlineData("localhost:5000/a/b/c:x", "localhost:5000/a/b/c:x", "localhost:5000/a/b/c:x")]
    [InlineData("registry.test/web", "registry.test/web:latest", "registry.test/web:latest")]
    [InlineData("HOST/web", "HOST/web:latest", "HOST/web:latest")]
    [InlineData("[::1]:5000/web", "[::1]:5000/web:latest", "[::1]:5000/web:latest")]
    [InlineData("t/a__b.c-d--e/f_g", "docker.io/t/a__b.c-d--e/f_g:latest", "t/a__b.c-d--e/f_g:latest")]
    [InlineData("web@sha256:" + Hex, "docker.io/library/web@sha256:" + Hex, "web@sha256:" + Hex)]
    [InlineData("web:2@sha256:" + Hex, "docker.io/library/web:2@sha256:" + Hex, "web:2@sha256:" + Hex)]
    public void A_reference_has_a_normal_and_a_familiar_form(string text, string normal, string familiar)
    {
        ImageReference reference = ImageReference.Parse(text);
        Assert.Equal(normal, reference.ToString());
        Assert.Equal(familiar, reference.Familiar);
        Assert.Equal(reference, ImageReference.Parse(normal));
        Assert.Equal(reference, ImageReference.Parse(familiar));
    }

    [Theory]
    [InlineData("", "empty")]
    [InlineData(":tag", "empty")]
    [InlineData("Hello", "lower case")]
    [InlineData("team/Web", "lower case")]
    [InlineData("a..b", "a repository is")]
    [InlineData("a___b", "a repository is")]
    [InlineData("a/", "a repository is")]
    [InlineData("a//b", "a repository is")]
    [InlineData("-a", "a repository is")]
    [InlineData("../etc/passwd", "is not a host")]
    [InlineData("a/../b", "a repository is")]
    [InlineData("a b", "a repository is")]
    [InlineData("a\nb", "a repository is")]
    [InlineData("a:", "a tag is")]
    [InlineData("a:-x", "a tag is")]
    [InlineData("a:b@", "after '@'")]
    [InlineData("a@sha256:12", "after '@'")]
    [InlineData("a@sha256:../../../etc/passwd", "after '@'")]
    [InlineData("host:99999/a", "is not a host")]
    [InlineData("host:/a", "is not a host")]
    [InlineData("-host.test/a", "is not a host")]
    [InlineData("[::zz]/a", "is not a host")]
    [InlineData(Hex, "image id")]
    public void What_is_no_reference_is_refused_with_its_reason(string text, string reason)
    {
        var error = Assert.Throws<ContainerException>(() => ImageReference.Parse(text));
        Assert.Equal(ContainerErrorKind.InvalidArgument, error.Kind);
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        Assert.False(ImageReference.TryParse(text, out _));
    }

    [Theory]
    [InlineData("docker.io/c.o/x", "docker.io/c.o/x:latest")]
    [InlineData("docker.io/localhost/x", "docker.io/localhost/x:latest")]
    [InlineData($"docker.io/library/{Hex}", $"docker.io/library/{Hex}:latest")]
    [InlineData("docker.io/library/localhost", "localhost:latest")]
    public void A_short_form_is_only_used_where_it_is_read_as_the_same(string text, string familiar)
    {
        ImageReference reference = ImageReference.Parse(text);
        Assert.Equal(familiar, reference.Familiar);
        Assert.Equal(reference, ImageReference.Parse(familiar));
    }

    [Fact]
    public void A_name_may_be_255_characters_long_in_its_normal_form()
    {
        int most = 255 - "docker.io/library/".Length;
        Assert.Equal(255 + ":latest".Length, ImageReference.Parse(new string('a', most)).ToString().Length);
        Assert.Throws<ContainerException>(() => ImageReference.Parse(new string('a', most + 1)));
    }

    [Fact]
    public void A_refusal_shows_no_control_characters() =>
        Assert.DoesNotContain(Assert.Throws<ContainerException>(() => ImageReference.Parse(":\0\u001b[31m/x")).Message, char.IsControl);

    [Fact]
    public void Any_text_is_a_reference_that_reads_back_or_is_refused()
    {
        var random = new Random(99);
        const string Alphabet = "ab0.:/@-_[]AZ \n\u00e9";
        int parsed = 0;
        for (int i = 0; i < 200_000; i++)
        {
            string text = new([.. Enumerable.Range(0, random.Next(1, 9)).Select(_ => Alphabet[random.Next(Alphabet.Length)])]);
            if (!ImageReference.TryParse(text, out ImageReference? reference))
                continue;
            parsed++;
            Assert.Equal(reference, ImageReference.Parse(reference.ToString()));
            Assert.Equal(reference, ImageReference.Parse(reference.Familiar));
        }
        Assert.InRange(parsed, 1000, 199_000);
    }
}
