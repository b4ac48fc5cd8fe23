using System.Security.Cryptography;
using System.Text;
using Rundlet.Oci;

namespace Rundlet.Cli.Tests;

public sealed class TrustTests
{
    [Fact]
    public void Only_what_is_signed_is_pulled_where_the_policy_says_so()
    {
        using PlainRegistry registry = new();
        using Machine machine = new();
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        string folder = Configure(machine, key, $"{registry.Host}/team");
        Picture picture = Pictures.Make(["a"]);
        string name = registry.Publish("team/web", "1", picture);

        Result unsigned = machine.Run("pull", name);
        Assert.Equal(1, unsigned.Code);
        Assert.Equal(
            $"rundlet: image '{name}' is not trusted: it has no signature (by 'transports.docker['{registry.Host}/team']' of '{folder}/policy.json')\n"
            + $"hint: it must be signed by '{folder}/team.pub': cosign sign --key … {registry.Host}/team/web@{picture.Top.Digest}\n", unsigned.Error);
        Assert.DoesNotContain("team/web", machine.Run("images").Output, StringComparison.Ordinal);

        registry.Publish("team/web", $"sha256-{picture.Top.Digest.Hex}.sig", Sign(key, picture.Top.Digest, $"{registry.Host}/team/web"));
        string told = $"{name}: {picture.Top.Digest}\nsigned by {folder}/team.pub as {registry.Host}/team/web {picture.Top.Digest}\n";
        Assert.Equal(new Result(0, told, ""), machine.Run("image", "verify", name));
        Assert.Equal(0, machine.Run("pull", name).Code);
        Assert.Contains("team/web", machine.Run("images").Output, StringComparison.Ordinal);

        Result rejected = machine.Run("pull", registry.Publish("other/web", "1", picture));
        Assert.Equal(1, rejected.Code);
        Assert.Contains($"is rejected (by 'default' of '{folder}/policy.json')", rejected.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_key_of_ones_own_needs_no_policy()
    {
        using PlainRegistry registry = new();
        using Machine machine = new();
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256), other = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        string folder = Directory.CreateDirectory($"{machine.Folder}/keys").FullName;
        File.WriteAllText($"{folder}/key.pub", key.ExportSubjectPublicKeyInfoPem());
        File.WriteAllText($"{folder}/other.pub", other.ExportSubjectPublicKeyInfoPem());
        machine.Variables["RUNDLET_CONFIG_DIR"] = folder;
        Picture picture = Pictures.Make(["a"]);
        string name = registry.Publish("web", "1", picture);
        registry.Publish("web", $"sha256-{picture.Top.Digest.Hex}.sig", Sign(key, picture.Top.Digest, $"{registry.Host}/web"));

        Assert.Equal($"{name}: {picture.Top.Digest}\naccepted: there is no policy\n", machine.Run("image", "verify", name).Output);
        Assert.Contains($"signed by {folder}/key.pub", machine.Run("image", "verify", "--key", $"{folder}/other.pub", "--key", $"{folder}/key.pub", name).Output, StringComparison.Ordinal);
        Result wrong = machine.Run("image", "verify", "--key", $"{folder}/other.pub", name);
        Assert.Equal((1, ""), (wrong.Code, wrong.Output));
        Assert.StartsWith($"rundlet: image '{name}' is not trusted: none of its 1 signatures is by '{folder}/other.pub'\n", wrong.Error, StringComparison.Ordinal);
        Assert.Contains("no such key", machine.Run("image", "verify", "--key", $"{folder}/none.pub", name).Error, StringComparison.Ordinal);
        Assert.Equal(125, machine.Run("image", "verify").Code);
    }

    [Fact]
    public void A_policy_with_a_mistake_lets_nothing_in()
    {
        using PlainRegistry registry = new();
        using Machine machine = new();
        string folder = Directory.CreateDirectory($"{machine.Folder}/etc").FullName;
        machine.Variables["RUNDLET_CONFIG_DIR"] = folder;
        File.WriteAllText($"{folder}/policy.json", """{"default":[{"type":"insecureAcceptAnythin"}]}""");
        Result pull = machine.Run("pull", registry.Publish("web", "1", Pictures.Make(["a"])));
        Assert.Equal(125, pull.Code);
        Assert.Equal($"rundlet: '{folder}/policy.json': default[0]: unknown type 'insecureAcceptAnythin'\nhint: docs/trust.md shows what may stand there\n", pull.Error);
    }

    private static string Configure(Machine machine, ECDsa key, string scope)
    {
        string folder = Directory.CreateDirectory($"{machine.Folder}/etc").FullName;
        machine.Variables["RUNDLET_CONFIG_DIR"] = folder;
        File.WriteAllText($"{folder}/team.pub", key.ExportSubjectPublicKeyInfoPem());
        File.WriteAllText($"{folder}/policy.json", $$$$"""
            {"default":[{"type":"reject"}],"transports":{"docker":{"{{{{scope}}}}":[
              {"type":"sigstoreSigned","keyPath":"{{{{folder}}}}/team.pub","signedIdentity":{"type":"matchRepository"}}]}}}
            """);
        return folder;
    }

    /// <summary>A signature as cosign makes it.</summary>
    private static Picture Sign(ECDsa key, Digest digest, string reference)
    {
        byte[] payload = Encoding.UTF8.GetBytes(
            $$$"""{"critical":{"identity":{"docker-reference":"{{{reference}}}"},"image":{"docker-manifest-digest":"{{{digest}}}"},"type":"cosign container image signature"},"optional":null}""");
        var picture = new Picture();
        Descriptor layer = picture.Add(payload, "application/vnd.dev.cosign.simplesigning.v1+json");
        byte[] signature = key.SignData(payload, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
        layer.Annotations = new Dictionary<string, string> { ["dev.cosignproject.cosign/signature"] = Convert.ToBase64String(signature) };
        var manifest = new ImageManifest { SchemaVersion = 2, MediaType = MediaTypes.Manifest, Config = picture.Add("{}"u8.ToArray(), MediaTypes.Config), Layers = [layer] };
        picture.Top = picture.Add(ImageWriter.ToBytes(manifest), MediaTypes.Manifest);
        return picture;
    }
}
