using Rundlet.Images.References;
using Rundlet.Oci;

namespace Rundlet.Images.Trust;

/// <summary><c>sigstoreSigned</c>: a signature by one of some keys.</summary>
public sealed record SignatureRequirement : TrustRequirement
{
    /// <summary>The keys; one of them must have signed.</summary>
    public required IReadOnlyList<VerificationKey> Keys { get; init; }

    internal SignedIdentity Identity { get; init; } = new(IdentityMatch.RepoDigestOrExact);

    /// <summary>Looks for a good signature. Only the payload of one that verifies is read.</summary>
    /// <param name="image">What was asked for.</param>
    /// <param name="digests">What the image may be signed as.</param>
    /// <param name="signatures">What was found.</param>
    /// <param name="problem">What is wrong with the signatures of the keys, or that there are none; null where one is good.</param>
    internal AcceptedSignature? TryFind(ImageReference image, IReadOnlyCollection<Digest> digests, IReadOnlyList<CosignSignature> signatures, out string? problem)
    {
        problem = signatures.Count == 0 ? "it has no signature" : $"none of its {signatures.Count} signatures is by {NameKeys()}";
        foreach (CosignSignature one in signatures)
        {
            if (Keys.FirstOrDefault(key => key.Verifies(one.Payload, one.Signature)) is not { } key)
                continue;
            try
            {
                SimpleSigning signed = SimpleSigning.Read(one.Payload);
                if (!digests.Contains(signed.Manifest))
                    problem = $"the signature by '{key.Name}' is of another image, '{signed.Manifest}'";
                else if (!Identity.Accepts(image, signed.Reference))
                    problem = $"the signature by '{key.Name}' is for '{signed.Reference}'";
                else
                {
                    problem = null;
                    return new AcceptedSignature(key.Name, signed.Reference.ToString(), signed.Manifest);
                }
            }
            catch (FormatException error)
            {
                problem = $"what '{key.Name}' signed is no image: {error.Message}";
            }
        }
        return null;
    }

    /// <summary>The keys for a message.</summary>
    internal string NameKeys() => string.Join(" or ", Keys.Select(key => $"'{key.Name}'"));
}
