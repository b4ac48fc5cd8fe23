namespace Rundlet.Images.Trust;

/// <summary>How what a signature calls the image must fit what was asked for (containers-policy.json(5), <c>signedIdentity</c>).</summary>
internal enum IdentityMatch
{
    /// <summary>The same reference; where a digest was asked for, the same repository. The default.</summary>
    RepoDigestOrExact,

    /// <summary>The same reference.</summary>
    Exact,

    /// <summary>The same repository: what cosign's own signatures need, which name no tag.</summary>
    Repository,

    /// <summary>A reference that the policy names.</summary>
    ExactReference,

    /// <summary>A repository that the policy names.</summary>
    ExactRepository,

    /// <summary>As the default, after a prefix of what was asked for was exchanged: for mirrors.</summary>
    Remapped,
}
