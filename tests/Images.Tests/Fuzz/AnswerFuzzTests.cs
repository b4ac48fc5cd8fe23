using System.Text;
using Rundlet.Images.Archives;
using Rundlet.Images.Registry;
using Rundlet.Images.Registry.Configuration;
using Rundlet.Images.Registry.Http;

namespace Rundlet.Images.Tests.Fuzz;

/// <summary>Small documents from outside: what registries answer, what archives and files hold.</summary>
public class AnswerFuzzTests
{
    private static readonly string[] s_words = ["\\ud800", "\\u0000", "\"", "{", "}", "[", "]", ",", ":", "null", "1e9", "\xff", "\xc3", "\x1b"];

    [Fact]
    public void Complaints_of_registries_are_shown_or_passed_over() =>
        Run("""{"errors":[{"code":"DENIED","message":"requested access to the resource is denied","detail":{"a":[1]}}],"details":"x","error":"invalid_scope"}""", input =>
        {
            string shown = ResponseBody.Complaint(input);
            Assert.DoesNotContain(shown, char.IsControl);
            Assert.InRange(shown.Length, 0, 2000);
            return shown.Length > 0;
        });

    [Fact]
    public void Documents_are_asked_for_their_schema() =>
        Run("""{"schemaVersion":1,"name":"a","tag":"b","fsLayers":[{"blobSum":"x"}]}""", ContentDigest.IsSchemaOne);

    [Fact]
    public void Lists_of_docker_archives_are_read_or_refused() =>
        Run("""[{"Config":"c.json","RepoTags":["a:1","b"],"Layers":["x/layer.tar","y"]},{"Config":"d","Layers":null}]""", input => FuzzRun.Accepts(() => DockerManifest.Read(input)));

    [Fact]
    public void Configurations_of_registries_are_read_or_refused() =>
        Run("""{"search":["docker.io","r.test:5000"],"registries":{"r.test":{"insecure":true,"mirrors":["m.test/x"]},"s.test":{"insecure":"tls"}}}""",
            input => FuzzRun.Accepts(() => RegistryConfig.Parse(Encoding.UTF8.GetString(input), "/r.json")));

    private static void Run(string good, Func<byte[], bool> judge)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(good);
        (int taken, int of) = FuzzRun.Run(4_000, random => random.Next(2) == 0 ? Mutation.Json(good, random) : Mutation.Bytes(bytes, random, s_words), judge);
        Assert.InRange(taken, of / 100, of - of / 100);
    }
}
