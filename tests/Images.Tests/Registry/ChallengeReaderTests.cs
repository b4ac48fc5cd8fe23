using Rundlet.Images.Registry.Auth;

namespace Rundlet.Images.Tests.Registry;

public class ChallengeReaderTests
{
    [Theory]
    [InlineData("Basic realm=\"x\"", "basic realm=x")]
    [InlineData("Bearer realm=\"https://a.test/token\",service=\"s\",scope=\"repository:a/b:pull,push\"", "bearer realm=https://a.test/token service=s scope=repository:a/b:pull,push")]
    [InlineData("bearer realm=x , service = y", "bearer realm=x service=y")]
    [InlineData("Basic realm=\"a\", Bearer realm=\"b\",service=c", "basic realm=a|bearer realm=b service=c")]
    [InlineData("Basic, Bearer realm=b", "basic|bearer realm=b")]
    [InlineData("Negotiate oYG0+/==, Basic realm=a", "negotiate|basic realm=a")]
    [InlineData("Negotiate", "negotiate")]
    [InlineData(",, ,Basic realm=a,,", "basic realm=a")]
    [InlineData("Basic realm=\"a \\\"quoted\\\" \\\\ word\"", "basic realm=a \"quoted\" \\ word")]
    [InlineData("Basic realm=\"\"", "basic realm=")]
    [InlineData("BASIC REALM=a, realm=b", "basic realm=a")]
    [InlineData("Basic realm=\"never ends", "basic")]
    [InlineData("Basic realm=a, =b", "basic realm=a")]
    [InlineData("\"quoted\" first", "")]
    [InlineData("", "")]
    [InlineData("Bearer\trealm=a", "bearer realm=a")]
    public void A_field_has_challenges_with_parameters(string field, string expected) => Assert.Equal(expected, Show(field));

    [Fact]
    public void Any_text_is_read_to_its_end_and_within_bounds()
    {
        var random = new Random(7);
        string[] pieces = ["Bearer", "Basic", " ", ",", "=", "\"", "\\", "realm", "scope", "==", "\t", "é", "a/b", "\0", "x", ";"];
        int read = 0;
        for (int i = 0; i < 100_000; i++)
        {
            string field = string.Concat(Enumerable.Range(0, random.Next(1, 24)).Select(_ => pieces[random.Next(pieces.Length)]));
            List<AuthChallenge> challenges = ChallengeReader.Read(field);
            Assert.InRange(challenges.Count, 0, 16);
            Assert.All(challenges, challenge => Assert.InRange(challenge.Parameters.Count, 0, 32));
            read += challenges.Count;
        }
        Assert.InRange(read, 1000, 1_600_000);
    }

    [Fact]
    public void What_was_written_in_quotes_is_read_as_it_was()
    {
        var random = new Random(8);
        for (int i = 0; i < 20_000; i++)
        {
            string value = new([.. Enumerable.Range(0, random.Next(0, 12)).Select(_ => (char)random.Next(32, 127))]);
            string quoted = value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal);
            List<AuthChallenge> challenges = ChallengeReader.Read($"Basic realm=\"{quoted}\", Bearer service=\"{quoted}\",realm=x");
            Assert.Equal(["basic", "bearer"], challenges.Select(challenge => challenge.Scheme));
            Assert.Equal(value, challenges[0]["realm"]);
            Assert.Equal(value, challenges[1]["service"]);
        }
    }

    [Theory]
    [InlineData("repository:a:pull", null, "repository:a:pull")]
    [InlineData("repository:a:pull", "repository:a:pull,push", "repository:a:pull,push")]
    [InlineData("repository:a:pull", "repository:b:pull registry:catalog:*", "registry:catalog:* repository:a:pull repository:b:pull")]
    [InlineData("", "", "")]
    public void Scopes_are_joined_by_what_they_name(string left, string? right, string joined) => Assert.Equal(joined, TokenScope.Union(left, right));

    private static string Show(string field) => string.Join('|', ChallengeReader.Read(field).Select(challenge =>
        string.Join(' ', [challenge.Scheme, .. challenge.Parameters.Select(pair => $"{pair.Key}={pair.Value}")])));
}
