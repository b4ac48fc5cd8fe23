using System.Text;
using Rundlet.Images.Registry.Auth;

namespace Rundlet.Images.Tests.Fuzz;

public class ChallengeFuzzTests
{
    private static readonly string[] s_good =
    [
        "Bearer realm=\"https://auth.test/token\",service=\"registry.test\",scope=\"repository:a/b:pull,push\"",
        "Basic realm=\"x\\\"y\", Bearer realm=https://auth.test/token ,service=s",
        "Negotiate oYG3ab==, Digest realm=\"a\", nonce=\"b\", qop=\"auth,auth-int\"",
    ];

    private static readonly string[] s_pieces = ["Bearer ", "Basic", "realm", "=", "\"", "\\", ",", " ", "\t", "==", "scope=\"", "\0", "\r\n", "\u00ff", ", ,", "a=b"];

    [Fact]
    public void Challenges_are_read_as_far_as_they_can_be()
    {
        (int taken, int of) = FuzzRun.Run(40_000, Make, Judge);
        Assert.InRange(taken, of / 100, of - of / 100);
    }

    private static byte[] Make(Random random) => random.Next(3) == 0
        ? Encoding.Latin1.GetBytes(string.Concat(Enumerable.Range(0, random.Next(1, 200)).Select(_ => s_pieces[random.Next(s_pieces.Length)])))
        : Mutation.Bytes(Encoding.Latin1.GetBytes(s_good[random.Next(s_good.Length)]), random, s_pieces);

    private static bool Judge(byte[] input)
    {
        string field = Encoding.Latin1.GetString(input);
        List<AuthChallenge> challenges = ChallengeReader.Read(field);
        Assert.InRange(challenges.Count, 0, 16);
        foreach (AuthChallenge challenge in challenges)
        {
            Assert.InRange(challenge.Parameters.Count, 0, 32);
            Assert.All(challenge.Parameters.Keys.Append(challenge.Scheme), name => Assert.True(name.Length > 0 && name.All(c => c is > ' ' and < '\x7f' and not ('=' or ',' or '"'))));
            Assert.All(challenge.Parameters.Values, value => Assert.InRange(value.Length, 0, field.Length));
        }
        return challenges.Count > 0 && challenges.Exists(challenge => challenge.Parameters.Count > 0);
    }
}
