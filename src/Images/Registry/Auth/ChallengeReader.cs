using System.Text;

namespace Rundlet.Images.Registry.Auth;

/// <summary>
/// Reads <c>WWW-Authenticate</c>, RFC 9110, 11.6.1: challenges in a list, each with a list of parameters in it, both with commas.
/// A word is the name of a parameter where <c>=</c> and a value follow it, else it begins a challenge. What is malformed ends the
/// field: the challenges before it count.
/// <code>
/// Bearer realm="https://auth.test/token",service="s",scope="a b", Basic realm="x\"y"
/// </code>
/// </summary>
internal ref struct ChallengeReader
{
    private const int MostChallenges = 16, MostParameters = 32;
    private const string TokenMarks = "!#$%&'*+-.^_`|~";

    private ReadOnlySpan<char> _rest;

    private ChallengeReader(string field) => _rest = field;

    /// <summary>All challenges of a field, in their order; empty where there is none that can be read.</summary>
    public static List<AuthChallenge> Read(string field)
    {
        var reader = new ChallengeReader(field);
        List<AuthChallenge> challenges = [];
        reader.SkipCommas();
        while (challenges.Count < MostChallenges && reader.Token() is { Length: > 0 } scheme && (reader._rest.IsEmpty || reader._rest[0] is ' ' or '\t' or ','))
        {
            challenges.Add(new AuthChallenge(scheme.ToLowerInvariant(), reader.Parameters()));
            reader.SkipCommas();
        }
        return challenges;
    }

    private Dictionary<string, string> Parameters()
    {
        Dictionary<string, string> parameters = [];
        SkipToken68();
        while (parameters.Count < MostParameters)
        {
            ReadOnlySpan<char> before = _rest;
            SkipCommas();
            string name = Token();
            SkipSpace();
            if (name.Length == 0 || _rest.IsEmpty || _rest[0] != '=')
            {
                _rest = before; // the next challenge, or the end
                break;
            }
            _rest = _rest[1..];
            SkipSpace();
            if (Value() is not { } value)
            {
                _rest = default;
                break;
            }
            parameters.TryAdd(name.ToLowerInvariant(), value);
        }
        return parameters;
    }

    // "Negotiate oYG…==": credentials of other schemes, which nobody here asks for.
    private void SkipToken68()
    {
        ReadOnlySpan<char> before = _rest;
        SkipSpace();
        int length = 0;
        while (length < _rest.Length && (char.IsAsciiLetterOrDigit(_rest[length]) || "-._~+/".Contains(_rest[length])))
            length++;
        int end = length;
        while (end < _rest.Length && _rest[end] == '=')
            end++;
        ReadOnlySpan<char> after = _rest[end..].TrimStart(" \t");
        bool alone = length > 0 && (after.IsEmpty || after[0] == ',');
        _rest = alone ? after : before;
    }

    private string? Value()
    {
        if (_rest.IsEmpty || _rest[0] != '"')
            return Token() is { Length: > 0 } token ? token : null;
        var value = new StringBuilder();
        for (int i = 1; i < _rest.Length; i++)
        {
            char c = _rest[i];
            if (c == '"')
            {
                _rest = _rest[(i + 1)..];
                return value.ToString();
            }
            if (c == '\\' && ++i < _rest.Length)
                c = _rest[i];
            value.Append(c);
        }
        return null; // no end of the quotes
    }

    private string Token()
    {
        int length = 0;
        while (length < _rest.Length && (char.IsAsciiLetterOrDigit(_rest[length]) || TokenMarks.Contains(_rest[length])))
            length++;
        string token = _rest[..length].ToString();
        _rest = _rest[length..];
        return token;
    }

    private void SkipSpace() => _rest = _rest.TrimStart(" \t");

    private void SkipCommas() => _rest = _rest.TrimStart(" \t,");
}
