using System.Text;
using System.Text.Json;
using Rundlet.Images.References;
using Rundlet.Linux;

namespace Rundlet.Images.Trust;

/// <summary>Reads a policy. What it does not know is an error: a requirement that is misspelt must not be one that does not count.</summary>
internal static class PolicyReader
{
    private const int MaxKeys = 32;
    private static readonly string[] s_otherTransports =
        ["atomic", "containers-storage", "dir", "docker-archive", "docker-daemon", "oci", "oci-archive", "ostree", "sif", "tarball"];

    private static readonly string[] s_unsupportedProofs =
        ["fulcio", "pki", "rekorPublicKeyPath", "rekorPublicKeyPaths", "rekorPublicKeyData", "rekorPublicKeyDatas"];

    /// <summary>The rules of registries by scope, and the default.</summary>
    /// <exception cref="FormatException">It is malformed; says where.</exception>
    /// <exception cref="JsonException">It is not JSON.</exception>
    /// <exception cref="ContainerException">A key is not there, malformed or of another kind.</exception>
    public static (TrustRule Default, IReadOnlyDictionary<string, TrustRule> Scopes) Read(string json)
    {
        using JsonDocument document = JsonDocument.Parse(json, new JsonDocumentOptions { AllowDuplicateProperties = false });
        TrustRule? otherwise = null;
        Dictionary<string, TrustRule> scopes = [];
        foreach (JsonProperty member in Members(document.RootElement, "the document"))
        {
            if (member.Name == "default")
                otherwise = new TrustRule("default", Requirements(member.Value, "default"));
            else if (member.Name == "transports")
                ReadTransports(member.Value, scopes);
            else
                throw Unknown(member, "the document");
        }
        return (otherwise ?? throw new FormatException("'default' is missing: it says what holds where nothing else does"), scopes);
    }

    private static void ReadTransports(JsonElement json, Dictionary<string, TrustRule> scopes)
    {
        foreach (JsonProperty transport in Members(json, "transports"))
        {
            // Others are read so that their mistakes are found, and one file can serve several programs; nothing here comes by them.
            bool isDocker = transport.Name == "docker";
            if (!isDocker && !s_otherTransports.Contains(transport.Name))
                throw Unknown(transport, "transports");
            foreach (JsonProperty scope in Members(transport.Value, $"transports.{transport.Name}"))
            {
                string place = $"transports.{transport.Name}['{Show(scope.Name)}']";
                if (isDocker && PolicyScopes.Problem(scope.Name) is { } problem)
                    throw new FormatException($"{place}: {problem}");
                var rule = new TrustRule(place, Requirements(scope.Value, place));
                if (isDocker)
                    scopes[scope.Name] = rule;
            }
        }
    }

    private static List<TrustRequirement> Requirements(JsonElement json, string place)
    {
        if (json.ValueKind != JsonValueKind.Array || json.GetArrayLength() == 0)
            throw new FormatException($"{place} is not a list of requirements");
        return [.. json.EnumerateArray().Select((one, i) => Requirement(one, $"{place}[{i}]"))];
    }

    private static TrustRequirement Requirement(JsonElement json, string place)
    {
        string type = Text(json, "type", place);
        switch (type)
        {
            case "insecureAcceptAnything":
                OnlyType(json, place);
                return new AcceptRequirement();
            case "reject":
                OnlyType(json, place);
                return new RejectRequirement();
            case "sigstoreSigned":
                return Signed(json, place);
            case "signedBy":
                throw new FormatException($"{place}: type 'signedBy', signatures of OpenPGP, is not supported; 'sigstoreSigned' is");
            default:
                throw new FormatException($"{place}: unknown type '{Show(type)}'");
        }
    }

    private static SignatureRequirement Signed(JsonElement json, string place)
    {
        List<VerificationKey>? keys = null;
        SignedIdentity identity = new(IdentityMatch.RepoDigestOrExact);
        foreach (JsonProperty member in Members(json, place))
        {
            if (s_unsupportedProofs.Contains(member.Name))
                throw new FormatException($"{place}: '{member.Name}' is not supported; signatures are verified by key alone");
            List<VerificationKey>? read = member.Name switch
            {
                "keyPath" => [LoadKey(AsText(member.Value, place, member.Name), place)],
                "keyPaths" => [.. Texts(member.Value, $"{place}.keyPaths").Select(path => LoadKey(path, place))],
                "keyData" => [KeyOf(AsText(member.Value, place, member.Name), $"{place}.keyData")],
                "keyDatas" => [.. Texts(member.Value, $"{place}.keyDatas").Select((data, i) => KeyOf(data, $"{place}.keyDatas[{i}]"))],
                _ => null,
            };
            if (read is not null && keys is not null)
                throw TwoKeys(place);
            keys = read ?? keys;
            if (member.Name == "signedIdentity")
                identity = Identity(member.Value, $"{place}.signedIdentity");
            else if (read is null && member.Name != "type")
                throw Unknown(member, place);
        }
        return new SignatureRequirement { Keys = keys ?? throw TwoKeys(place), Identity = identity };
    }

    private static SignedIdentity Identity(JsonElement json, string place)
    {
        string type = Text(json, "type", place);
        string[] more = type switch
        {
            "exactReference" => ["dockerReference"],
            "exactRepository" => ["dockerRepository"],
            "remapIdentity" => ["prefix", "signedPrefix"],
            "matchRepoDigestOrExact" or "matchExact" or "matchRepository" => [],
            _ => throw new FormatException($"{place}: unknown type '{Show(type)}'"),
        };
        foreach (JsonProperty member in Members(json, place))
        {
            if (member.Name != "type" && !more.Contains(member.Name))
                throw Unknown(member, place);
        }
        string[] values = [.. more.Select(name => Text(json, name, place))];
        if (Array.Find(values, value => !IsReferenceOrPrefix(value, type)) is { } wrong)
            throw new FormatException($"{place}: '{Show(wrong)}' is not what '{type}' needs");
        return type switch
        {
            "exactReference" => new(IdentityMatch.ExactReference, values[0]),
            "exactRepository" => new(IdentityMatch.ExactRepository, values[0]),
            "remapIdentity" => new(IdentityMatch.Remapped, values[0], values[1]),
            "matchExact" => new(IdentityMatch.Exact),
            "matchRepository" => new(IdentityMatch.Repository),
            _ => new(IdentityMatch.RepoDigestOrExact),
        };
    }

    private static bool IsReferenceOrPrefix(string text, string type) => type switch
    {
        "exactReference" => SignedReference.TryParse(text) is { IsExact: true },
        "exactRepository" => SignedReference.TryParse(text) is { IsExact: false },
        _ => text.Length > 0 && !text.StartsWith('*') && PolicyScopes.Problem(text) is null,
    };

    private static VerificationKey LoadKey(string path, string place) =>
        path.StartsWith('/') && !path.Any(char.IsControl) ? VerificationKey.Load(path) : throw new FormatException($"{place}: key '{Show(path)}' is not an absolute path");

    private static VerificationKey KeyOf(string base64, string place)
    {
        byte[] pem = new byte[base64.Length];
        return Convert.TryFromBase64String(base64, pem, out int length)
            ? VerificationKey.Parse(Encoding.UTF8.GetString(pem, 0, length), place)
            : throw new FormatException($"{place} is not base64");
    }

    private static void OnlyType(JsonElement json, string place)
    {
        foreach (JsonProperty member in Members(json, place))
        {
            if (member.Name != "type")
                throw Unknown(member, place);
        }
    }

    private static JsonElement.ObjectEnumerator Members(JsonElement json, string place) =>
        json.ValueKind == JsonValueKind.Object ? json.EnumerateObject() : throw new FormatException($"{place} is not an object");

    private static string Text(JsonElement json, string member, string place) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(member, out JsonElement value)
            ? AsText(value, place, member)
            : throw new FormatException($"{place} has no '{member}'");

    private static string AsText(JsonElement value, string place, string member) =>
        value.ValueKind == JsonValueKind.String ? value.GetString()! : throw new FormatException($"{place}: '{member}' is not text");

    private static List<string> Texts(JsonElement json, string place)
    {
        if (json.ValueKind != JsonValueKind.Array || json.GetArrayLength() is 0 or > MaxKeys)
            throw new FormatException($"{place} is not a list of 1 to {MaxKeys} keys");
        return [.. json.EnumerateArray().Select((one, i) => AsText(one, place, $"[{i}]"))];
    }

    private static FormatException Unknown(JsonProperty member, string place) => new($"unknown member '{Show(member.Name)}' of {place}");

    private static FormatException TwoKeys(string place) => new($"{place} needs one of 'keyPath', 'keyPaths', 'keyData', 'keyDatas'");

    private static string Show(string text) => ByteText.Show(Encoding.UTF8.GetBytes(text));
}
