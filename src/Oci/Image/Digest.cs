using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text.Json.Serialization;

namespace Rundlet.Oci;

/// <summary>
/// Name of a content by its hash (image-spec, descriptor.md, Digests): <c>sha256:</c> and 64, or <c>sha512:</c> and 128, digits of
/// <c>0-9a-f</c>. No other text can be one, so a digest is safe as a file name: it has no separator, no dot and no capitals.
/// </summary>
[JsonConverter(typeof(DigestConverter))]
public readonly struct Digest : IEquatable<Digest>
{
    private const string Sha256Name = "sha256";
    private const string Sha512Name = "sha512";
    private static readonly SearchValues<char> Digits = SearchValues.Create("0123456789abcdef");

    private readonly string? _text;

    private Digest(string text) => _text = text;

    /// <summary>True for the value that names nothing, <c>default</c>.</summary>
    public bool IsEmpty => _text is null;

    /// <summary><c>sha256</c> or <c>sha512</c>.</summary>
    /// <exception cref="InvalidOperationException">The digest is empty.</exception>
    public string Algorithm => Text[..Sha256Name.Length];

    /// <summary>The hash, 64 or 128 digits of <c>0-9a-f</c>.</summary>
    /// <inheritdoc cref="Algorithm" path="/exception"/>
    public string Hex => Text[(Sha256Name.Length + 1)..];

    private string Text => _text ?? throw new InvalidOperationException("the digest is empty");

    /// <exception cref="FormatException">The text is not a digest of a known algorithm.</exception>
    public static Digest Parse(string text) =>
        TryParse(text, out Digest digest) ? digest : throw new FormatException("expected a sha256 or sha512 digest");

    public static bool TryParse([NotNullWhen(true)] string? text, out Digest digest)
    {
        bool valid = text is not null && (IsOf(text, Sha256Name, SHA256.HashSizeInBytes) || IsOf(text, Sha512Name, SHA512.HashSizeInBytes));
        digest = valid ? new Digest(text!) : default;
        return valid;
    }

    /// <summary>The sha256 digest of a content held in memory.</summary>
    public static Digest Of(ReadOnlySpan<byte> content) => FromSha256(SHA256.HashData(content));

    /// <summary>Whether a content held in memory has this digest.</summary>
    /// <exception cref="InvalidOperationException">The digest is empty.</exception>
    public bool IsOf(ReadOnlySpan<byte> content) =>
        this == (Algorithm == Sha512Name ? FromSha512(SHA512.HashData(content)) : FromSha256(SHA256.HashData(content)));

    /// <param name="hash">32 bytes.</param>
    /// <exception cref="ArgumentException">The hash has another length.</exception>
    public static Digest FromSha256(ReadOnlySpan<byte> hash) => FromHash(Sha256Name, hash, SHA256.HashSizeInBytes);

    /// <param name="hash">64 bytes.</param>
    /// <exception cref="ArgumentException">The hash has another length.</exception>
    public static Digest FromSha512(ReadOnlySpan<byte> hash) => FromHash(Sha512Name, hash, SHA512.HashSizeInBytes);

    public static bool operator ==(Digest left, Digest right) => left.Equals(right);

    public static bool operator !=(Digest left, Digest right) => !left.Equals(right);

    public bool Equals(Digest other) => _text == other._text;

    public override bool Equals(object? obj) => obj is Digest other && Equals(other);

    public override int GetHashCode() => _text?.GetHashCode() ?? 0;

    /// <summary>The digest as documents write it; empty for the empty digest.</summary>
    public override string ToString() => _text ?? "";

    private static Digest FromHash(string algorithm, ReadOnlySpan<byte> hash, int length) =>
        hash.Length == length
            ? new Digest($"{algorithm}:{Convert.ToHexStringLower(hash)}")
            : throw new ArgumentException($"expected {length} bytes of {algorithm}, found {hash.Length}", nameof(hash));

    private static bool IsOf(ReadOnlySpan<char> text, string algorithm, int bytes) =>
        text.Length == algorithm.Length + 1 + 2 * bytes
        && text.StartsWith(algorithm)
        && text[algorithm.Length] == ':'
        && !text[(algorithm.Length + 1)..].ContainsAnyExcept(Digits);
}
