using System.Text.Json;
using Rundlet.Images.References;
using Rundlet.Linux;
using Rundlet.Oci;

namespace Rundlet.Images.Trust;

/// <summary>
/// <c>policy.json</c>, which an administrator writes, in the form of containers-policy.json(5): which images may be pulled, by where they
/// come from. The longest scope that holds an image counts, and no other.
/// <code>
/// {
///   "default": [{ "type": "reject" }],
///   "transports": { "docker": {
///     "docker.io/library": [{ "type": "insecureAcceptAnything" }],
///     "registry.test/team": [{ "type": "sigstoreSigned", "keyPath": "/etc/rundlet/team.pub", "signedIdentity": { "type": "matchRepository" } }]
///   } }
/// }
/// </code>
/// </summary>
public sealed class TrustPolicy
{
    /// <summary>The file's name in the configuration folder.</summary>
    public const string FileName = "policy.json";

    private const string DocsHint = "docs/trust.md shows what may stand there";

    private readonly string? _file;
    private readonly TrustRule _default;
    private readonly IReadOnlyDictionary<string, TrustRule> _scopes;

    private TrustPolicy(string? file, TrustRule @default, IReadOnlyDictionary<string, TrustRule> scopes)
    {
        _file = file;
        _default = @default;
        _scopes = scopes;
    }

    /// <summary>What holds where there is no file: every image is accepted.</summary>
    public static TrustPolicy None { get; } = new(null, new TrustRule("default", [new AcceptRequirement()]), new Dictionary<string, TrustRule>());

    /// <summary>Reads the file in a folder; <see cref="None"/> where there is none.</summary>
    /// <exception cref="ContainerException">InvalidArgument: it, or a key it names, is not what it must be; says where.</exception>
    /// <exception cref="Syscalls.LinuxException">It cannot be read.</exception>
    public static TrustPolicy Load(string folder)
    {
        string path = $"{folder}/{FileName}";
        return FileIo.TryReadText(path) is { } text ? Parse(text, path) : None;
    }

    /// <summary>Reads the document.</summary>
    /// <param name="json">The text.</param>
    /// <param name="path">What to call it in errors.</param>
    /// <inheritdoc cref="Load" path="/exception"/>
    public static TrustPolicy Parse(string json, string path)
    {
        try
        {
            (TrustRule otherwise, IReadOnlyDictionary<string, TrustRule> scopes) = PolicyReader.Read(json);
            return new TrustPolicy(path, otherwise, scopes);
        }
        catch (JsonException error)
        {
            throw new ContainerException(ContainerErrorKind.InvalidArgument, $"'{path}' is not JSON, or has a member twice: line {(error.LineNumber ?? 0) + 1}");
        }
        catch (InvalidOperationException)
        {
            throw new ContainerException(ContainerErrorKind.InvalidArgument, $"'{path}' holds text that is not Unicode");
        }
        catch (FormatException error)
        {
            throw new ContainerException(ContainerErrorKind.InvalidArgument, $"'{path}': {error.Message}") { Hint = DocsHint };
        }
        catch (ContainerException error)
        {
            throw new ContainerException(error.Kind, $"'{path}'", error);
        }
    }

    /// <summary>A policy that requires a signature by some keys, whatever tag it names: what <c>--key</c> asks for.</summary>
    public static TrustPolicy RequireKeys(IReadOnlyList<VerificationKey> keys) =>
        new(null, new TrustRule("--key", [new SignatureRequirement { Keys = keys, Identity = new SignedIdentity(IdentityMatch.Repository) }]), new Dictionary<string, TrustRule>());

    /// <summary>What is said for an image.</summary>
    public TrustRule RuleFor(ImageReference image) =>
        PolicyScopes.Of(image).Select(scope => _scopes.GetValueOrDefault(scope)).FirstOrDefault(rule => rule is not null) ?? _default;

    /// <summary>What <see cref="Pull.PullOptions.Verify"/> is for an image; null where any will do, so that one that is here already costs no more than a question.</summary>
    /// <param name="reference">What is asked for.</param>
    /// <param name="source">Where signatures are looked for, when they are required.</param>
    /// <exception cref="ContainerException">PermissionDenied: it is rejected, whatever it is; the registry need not be asked.</exception>
    public Func<ImageReference, Digest, Digest, CancellationToken, Task>? ForPull(ImageReference reference, ISignatureSource source)
    {
        TrustRule rule = RuleFor(reference);
        RefuseRejected(reference, rule);
        return rule.AcceptsAnything ? null : (image, target, manifest, cancel) => VerifyAsync(image, target, manifest, source, cancel);
    }

    /// <summary>
    /// Makes sure that an image may be used. To be asked before anything of it is kept, with the digests of just the documents that will be
    /// used: what a signature names is nothing else.
    /// </summary>
    /// <param name="reference">What was asked for.</param>
    /// <param name="target">What it names: the digest of an index, or of the manifest.</param>
    /// <param name="manifest">The manifest that is used. A signature of it, or of the index that names it, will do.</param>
    /// <param name="source">Where signatures are looked for, when they are required.</param>
    /// <param name="cancel">Ends it.</param>
    /// <returns>Why it is accepted.</returns>
    /// <exception cref="ContainerException">
    /// PermissionDenied: it is not; says by which rule of which file. Others: the source cannot be asked.
    /// </exception>
    public async Task<TrustVerdict> VerifyAsync(ImageReference reference, Digest target, Digest manifest, ISignatureSource source, CancellationToken cancel)
    {
        TrustRule rule = RuleFor(reference);
        RefuseRejected(reference, rule);
        List<AcceptedSignature> accepted = [];
        List<SignatureRequirement> required = [.. rule.Requirements.OfType<SignatureRequirement>()];
        if (required.Count == 0)
            return new TrustVerdict(_file, rule.Scope, accepted);
        Digest[] digests = target == manifest ? [manifest] : [target, manifest];
        List<CosignSignature> signatures = [];
        foreach (Digest digest in digests)
            signatures.AddRange(await SignatureFinder.FindAsync(reference, digest, source, cancel).ConfigureAwait(false));
        foreach (SignatureRequirement one in required)
        {
            AcceptedSignature? good = one.TryFind(reference, digests, signatures, out string? problem);
            accepted.Add(good ?? throw Refused(reference, rule, $"is not trusted: {problem}",
                $"it must be signed by {one.NameKeys()}: cosign sign --key … {SignedReference.NameOf(reference)}@{target}"));
        }
        return new TrustVerdict(_file, rule.Scope, accepted);
    }

    private void RefuseRejected(ImageReference reference, TrustRule rule)
    {
        if (rule.Requirements.Any(one => one is RejectRequirement))
            throw Refused(reference, rule, "is rejected", $"whoever looks after this machine allows it in '{_file}'");
    }

    private ContainerException Refused(ImageReference reference, TrustRule rule, string what, string hint)
    {
        string by = _file is null ? "" : $" (by '{rule.Scope}' of '{_file}')";
        return new ContainerException(ContainerErrorKind.PermissionDenied, $"image '{reference.Familiar}' {what}{by}") { Hint = hint };
    }
}
