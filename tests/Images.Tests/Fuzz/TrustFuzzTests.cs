using System.Text;
using Rundlet.Images.References;
using Rundlet.Images.Tests.Trust;
using Rundlet.Images.Trust;

namespace Rundlet.Images.Tests.Fuzz;

public class TrustFuzzTests
{
    private const string Image = "registry.test/team/web:1";

    [Fact]
    public void Policies_are_read_or_refused()
    {
        using TrustSigner signer = TrustSigner.P256();
        string good = $$$$"""
            {"default":[{"type":"reject"}],"transports":{"docker-daemon":{"":[{"type":"insecureAcceptAnything"}]},"docker":{"registry.test/team":[
              {"type":"sigstoreSigned","keyData":"{{{{signer.KeyData}}}}","signedIdentity":{"type":"remapIdentity","prefix":"a.test","signedPrefix":"b.test/c"}},
              {"type":"sigstoreSigned","keyDatas":["{{{{signer.KeyData}}}}"],"signedIdentity":{"type":"exactReference","dockerReference":"a.test/b:1"}}],"*.test":[{"type":"reject"}]}}}
            """;
        (int taken, int of) = FuzzRun.Run(2_000, random => Mutation.Json(good, random), input => FuzzRun.Accepts(() =>
            Assert.NotEmpty(TrustPolicy.Parse(Encoding.UTF8.GetString(input), "/p").RuleFor(ImageReference.Parse(Image)).Requirements)));
        Assert.InRange(taken, of / 100, of - of / 100);
    }

    [Fact]
    public void Payloads_are_read_or_refused()
    {
        string good = Encoding.UTF8.GetString(TrustSigner.Payload("sha256:" + new string('a', 64), "registry.test/team/web", """{"a":[1,{"b":null}]}"""));
        (int taken, int of) = FuzzRun.Run(5_000, random => Mutation.Json(good, random), input =>
        {
            try
            {
                SimpleSigning signed = SimpleSigning.Read(input);
                Assert.False(signed.Manifest.IsEmpty);
                return true;
            }
            catch (FormatException error)
            {
                Assert.DoesNotContain(error.Message, char.IsControl);
                return false;
            }
        });
        Assert.InRange(taken, of / 100, of - of / 100);
    }

    [Fact]
    public void Keys_are_read_or_refused()
    {
        using TrustSigner signer = TrustSigner.P256();
        byte[] good = Encoding.UTF8.GetBytes(signer.Pem);
        (int taken, int of) = FuzzRun.Run(2_000, random => Mutation.Bytes(good, random, "-----", "\n", "BEGIN", "A", "="), input => FuzzRun.Accepts(() =>
            Assert.False(VerificationKey.Parse(Encoding.UTF8.GetString(input), "k").Verifies("x"u8, "y"u8))));
        Assert.InRange(taken, 1, of - of / 100);
    }
}
