using System.Text;
using Rundlet.Images.References;

namespace Rundlet.Images.Tests.Fuzz;

public class ReferenceFuzzTests
{
    private static readonly string[] s_good =
    [
        "hello", "team/web:2", "localhost:5000/web", "registry.test/a/b-c__d.e:v1.0", "[::1]:5000/x:y", "UPPER/x",
        "registry.test/web@sha256:" + "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
        "registry.test:443/a:b@sha512:" + "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
        "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", "docker.io/library/x", "index.docker.io/x",
    ];

    private static readonly string[] s_pieces =
        ["/", ":", "@", ".", "..", "_", "__", "-", "--", "a", "A", "0", "localhost", "docker.io", "library/", "[", "]", "::1", "%", "sha256:", "\0", "\n", " ", "\u00e9", "65536", "65535", "latest"];

    [Fact]
    public void References_are_parsed_or_refused()
    {
        (int taken, int of) = FuzzRun.Run(60_000, Make, Judge);
        Assert.InRange(taken, of / 100, of - of / 100);
    }

    private static byte[] Make(Random random) => random.Next(3) == 0
        ? Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, random.Next(1, 12)).Select(_ => s_pieces[random.Next(s_pieces.Length)])))
        : Mutation.Bytes(Encoding.UTF8.GetBytes(s_good[random.Next(s_good.Length)]), random, s_pieces);

    private static bool Judge(byte[] input)
    {
        string text = Encoding.UTF8.GetString(input);
        if (!ImageReference.TryParse(text, out ImageReference? reference))
        {
            Assert.False(FuzzRun.Accepts(() => ImageReference.Parse(text)), "refused by one, taken by the other");
            return false;
        }
        // What it became is the same image by any of its names, and safe in a path, a URL and a header.
        Assert.Equal(reference, ImageReference.Parse(reference.ToString()));
        Assert.Equal(reference, ImageReference.Parse(reference.Familiar));
        Assert.DoesNotContain(reference.ToString(), c => c is <= ' ' or > '~' or '\\' or '?' or '#' or '%');
        Assert.All(reference.Repository.Split('/'), part => Assert.False(part is "" or "." or ".."));
        Assert.InRange(reference.ToString().Length, 3, 600);
        return true;
    }
}
