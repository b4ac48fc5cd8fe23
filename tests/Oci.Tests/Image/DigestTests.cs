using System.Text;

namespace Rundlet.Oci.Tests.Image;

public sealed class DigestTests
{
    private const string Hex = "6c3c624b58dbbcd3c0dd82b4c53f04194d1247c6eebdaab7c610cf7d66709b3b";

    [Fact]
    public void A_sha256_digest_gives_its_parts_back()
    {
        Digest digest = Digest.Parse("sha256:" + Hex);

        Assert.Equal(("sha256", Hex, "sha256:" + Hex), (digest.Algorithm, digest.Hex, digest.ToString()));
    }

    [Fact]
    public void A_sha512_digest_gives_its_parts_back()
    {
        Digest digest = Digest.Parse("sha512:" + Hex + Hex);

        Assert.Equal(("sha512", Hex + Hex), (digest.Algorithm, digest.Hex));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("sha256:")]
    [InlineData(Hex)]
    [InlineData("sha256:" + Hex + "0")]
    [InlineData("sha256:0" + Hex)]
    [InlineData("sha512:" + Hex)]
    [InlineData("sha256:" + Hex + Hex)]
    [InlineData("SHA256:" + Hex)]
    [InlineData("sha384:" + Hex)]
    [InlineData("sha256-" + Hex)]
    [InlineData(" sha256:" + Hex)]
    [InlineData("sha256:" + Hex + "\n")]
    [InlineData("sha256:6C3C624B58DBBCD3C0DD82B4C53F04194D1247C6EEBDAAB7C610CF7D66709B3B")]
    [InlineData("sha256:../../../../../../../../../../../../../../../../etc/passwd00000")]
    [InlineData("sha256:٦c3c624b58dbbcd3c0dd82b4c53f04194d1247c6eebdaab7c610cf7d66709b3")]
    public void Other_text_is_no_digest(string? text)
    {
        Assert.False(Digest.TryParse(text, out Digest digest));
        Assert.True(digest.IsEmpty);
        if (text is not null)
            Assert.Throws<FormatException>(() => Digest.Parse(text));
    }

    /// <summary>Each character of a digest, replaced by each other one: only the 16 digits, in the hash, leave it a digest.</summary>
    [Fact]
    public void A_digest_holds_nothing_that_a_path_could_turn_on()
    {
        string valid = "sha256:" + Hex;
        for (int at = 0; at < valid.Length; at++)
            for (char c = '\0'; c < 0x180; c++)
            {
                bool expected = valid[at] == c || (at >= 7 && "0123456789abcdef".Contains(c));
                Assert.Equal(expected, Digest.TryParse(valid[..at] + c + valid[(at + 1)..], out _));
            }
    }

    [Fact]
    public void A_content_is_named_by_its_hash()
    {
        // FIPS 180-4 examples: "abc".
        Assert.Equal("sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", Digest.Of("abc"u8).ToString());
        Assert.Equal(
            "sha512:ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
            Digest.FromSha512(System.Security.Cryptography.SHA512.HashData("abc"u8)).ToString());
        Assert.Throws<ArgumentException>(() => Digest.FromSha256(Encoding.ASCII.GetBytes("too short")));
    }

    [Fact]
    public void Digests_are_equal_when_their_text_is()
    {
        Digest left = Digest.Parse("sha256:" + Hex), right = Digest.Parse("sha256:" + Hex), other = Digest.Of("abc"u8);

        Assert.True(left == right && left.GetHashCode() == right.GetHashCode());
        Assert.True(left != other && left != default);
    }

    [Fact]
    public void The_empty_digest_has_no_parts()
    {
        Assert.Equal("", default(Digest).ToString());
        Assert.Throws<InvalidOperationException>(() => default(Digest).Hex);
        Assert.Throws<InvalidOperationException>(() => default(Digest).Algorithm);
    }
}
