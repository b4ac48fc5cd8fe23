using Rundlet.Cli.CommandLine;
using Rundlet.Cli.Terminal;
using Rundlet.Engine.Operations;
using Rundlet.Images.Trust;
using Rundlet.Oci;

namespace Rundlet.Cli.Commands;

internal sealed class ImageVerifyCommand : Command
{
    public override string Name => "verify";

    public override string Usage => "IMAGE";

    public override string Summary => "Ask whether an image in a registry is signed as the policy, or a key, requires.";

    public override IReadOnlyList<Option> Options => [new("key", null, "FILE", "a public key that must have signed it, instead of the policy; may be given again: one of them")];

    public override IReadOnlyList<string> Examples => ["rundlet image verify registry.test/team/web:2", "rundlet image verify --key cosign.pub registry.test/team/web:2"];

    public override int Run(Session session, Arguments arguments)
    {
        if (arguments.Words.Count != 1)
            throw Wants(arguments, "one image");
        string name = arguments.Words[0];
        string[] keys = [.. arguments.Values("key").Select(Path.GetFullPath)];
        (Digest digest, TrustVerdict verdict) = Interrupt.Run(
            $"the verification of '{name}'", null, cancel => VerifyImage.RunAsync(name, keys, Environment.GetEnvironmentVariable, cancel).GetAwaiter().GetResult());
        Out.Line($"{name}: {digest}");
        foreach (AcceptedSignature signature in verdict.Signatures)
            Out.Line($"signed by {signature.Key} as {signature.Reference} {signature.Digest}");
        if (verdict.Signatures.Count == 0)
            Out.Line(verdict.File is null ? "accepted: there is no policy" : $"accepted by {verdict.Scope} of {verdict.File}, which requires no signature");
        return 0;
    }
}
