using System.Text.Json;
using Rundlet.Images.Registry.Credentials;
using Rundlet.Linux;

namespace Rundlet.Images.Tests.Registry;

public sealed class CredentialTests : IDisposable
{
    private static readonly string s_base64 = Convert.ToBase64String(Peers.Utf8("ann:s3cret: with colon"));

    private readonly CertificateFolder _folder = new();

    private string ConfigFile => $"{_folder.Path}/config.json";

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("""{"auths":{"registry.test":{"auth":"AUTH"}}}""", "registry.test", "")]
    [InlineData("""{"auths":{"https://registry.test/v2/":{"auth":"AUTH"}}}""", "registry.test", "")]
    [InlineData("""{"auths":{"registry.test:5000":{"username":"ann","password":"s3cret: with colon"}}}""", "registry.test:5000", "")]
    [InlineData("""{"auths":{"https://index.docker.io/v1/":{"auth":"AUTH"}}}""", "docker.io", "library/hello")]
    [InlineData("""{"auths":{"docker.io":{"auth":"AUTH"}}}""", "docker.io", "library/hello")]
    [InlineData("""{"auths":{"registry.test":{"auth":"ZWxzZTp4"},"registry.test/team":{"auth":"AUTH"}}}""", "registry.test", "team/web")]
    [InlineData("""{"auths":{"registry.test":{"auth":"AUTH"},"registry.test/team":{"auth":"ZWxzZTp4"}}}""", "registry.test", "other/web")]
    public void A_login_is_found_as_docker_and_podman_write_it(string json, string registry, string repository)
    {
        File.WriteAllText(ConfigFile, json.Replace("AUTH", s_base64, StringComparison.Ordinal));
        Assert.Equal(Peers.Ann, Store().Find(registry, repository));
        Assert.Null(Store().Find("registry.test.evil", "team/web"));
    }

    [Fact]
    public void Tokens_are_found_too()
    {
        File.WriteAllText(ConfigFile, """{"auths":{"a.test":{"auth":"YW5uOg==","identitytoken":"refresh"},"b.test":{"registrytoken":"bearer"},"c.test":{}}}""");
        Assert.Equal(new RegistryCredential { User = "ann", IdentityToken = "refresh" }, Store().Find("a.test", ""));
        Assert.Equal(new RegistryCredential { RegistryToken = "bearer" }, Store().Find("b.test", ""));
        Assert.Null(Store().Find("c.test", ""));
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("[]")]
    [InlineData("""{"auths":[]}""")]
    [InlineData("""{"auths":{"a.test":5}}""")]
    [InlineData("""{"auths":{"a.test":{"auth":"not base64!"}}}""")]
    [InlineData("""{"auths":{"a.test":{"auth":"bm9jb2xvbg=="}}}""")]
    [InlineData("""{"auths":{"a.test":{"auth":5}}}""")]
    [InlineData("""{"credsStore":5}""")]
    [InlineData("""{"credHelpers":"x"}""")]
    public void A_malformed_file_is_named(string json)
    {
        File.WriteAllText(ConfigFile, json);
        var error = Assert.Throws<ContainerException>(() => Store().Find("a.test", ""));
        Assert.Equal(ContainerErrorKind.InvalidArgument, error.Kind);
        Assert.Contains(ConfigFile, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_environment_says_which_files_count()
    {
        string podman = $"{_folder.Path}/auth.json";
        File.WriteAllText(podman, """{"auths":{"a.test":{"auth":"cG9kbWFuOng="}}}""");
        File.WriteAllText(ConfigFile, """{"auths":{"a.test":{"auth":"ZG9ja2VyOng="},"b.test":{"auth":"ZG9ja2VyOng="}}}""");
        var both = CredentialStore.FromEnvironment(name => name switch { "REGISTRY_AUTH_FILE" => podman, "DOCKER_CONFIG" => _folder.Path, _ => null });
        Assert.Equal("podman", both.Find("a.test", "")!.User);
        Assert.Equal("docker", both.Find("b.test", "")!.User);
        Assert.Equal(podman, both.File);
        Assert.Equal("/home/ann/.docker/config.json", CredentialStore.FromEnvironment(name => name == "HOME" ? "/home/ann" : null).File);
    }

    [Fact]
    public void A_login_is_kept_privately_and_all_else_in_the_file_stays()
    {
        string real = $"{_folder.Of("real")}/config.json";
        File.WriteAllText(real, """{"HttpHeaders":{"X":"<y>"},"auths":{"https://a.test/v1/":{"auth":"ZWxzZTp4"},"b.test":{"auth":"ZWxzZTp4","email":"e"}},"detachKeys":"ctrl-e"}""");
        File.CreateSymbolicLink(ConfigFile, real);
        Assert.Equal(ConfigFile, Store().Store("a.test", Peers.Ann));
        Assert.Equal(Peers.Ann, Store().Find("a.test", ""));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(real));
        Assert.NotNull(new FileInfo(ConfigFile).LinkTarget);
        Assert.Equal([real], Directory.GetFiles(_folder.Of("real")));
        using (JsonDocument after = JsonDocument.Parse(File.ReadAllText(real)))
        {
            Assert.Equal(["HttpHeaders", "detachKeys", "auths"], after.RootElement.EnumerateObject().Select(member => member.Name));
            Assert.Equal("<y>", after.RootElement.GetProperty("HttpHeaders").GetProperty("X").GetString());
            Assert.Equal(["b.test", "a.test"], after.RootElement.GetProperty("auths").EnumerateObject().Select(member => member.Name));
            Assert.Equal("e", after.RootElement.GetProperty("auths").GetProperty("b.test").GetProperty("email").GetString());
        }
        Assert.True(Store().Erase("a.test"));
        Assert.False(Store().Erase("a.test"));
        Assert.Null(Store().Find("a.test", ""));
        Assert.Equal("else", Store().Find("b.test", "")!.User);
    }

    [Fact]
    public void A_file_and_its_folder_are_made_where_they_are_missing()
    {
        var store = new CredentialStore([$"{_folder.Path}/new/config.json"], new CredentialHelper(_ => null));
        store.Store("docker.io", Peers.Ann);
        Assert.Equal(Peers.Ann, store.Find("docker.io", "library/hello"));
        Assert.Contains("https://index.docker.io/v1/", File.ReadAllText($"{_folder.Path}/new/config.json"), StringComparison.Ordinal);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode($"{_folder.Path}/new"));
    }

    [Fact]
    public void Logins_at_the_same_time_are_all_kept()
    {
        Parallel.For(0, 20, i => Store().Store($"r{i}.test", Peers.Ann));
        Assert.All(Enumerable.Range(0, 20), i => Assert.Equal(Peers.Ann, Store().Find($"r{i}.test", "")));
    }

    [Fact]
    public void A_helper_holds_what_the_file_then_does_not()
    {
        Helper("keep", """
            case "$1" in
            store) cat >"$D/kept" ;;
            get) read server; [ -f "$D/kept" ] && grep -q "\"$server\"" "$D/kept" && cat "$D/kept" || { echo credentials not found in native keychain; exit 1; } ;;
            erase) rm "$D/kept" ;;
            esac
            """);
        File.WriteAllText(ConfigFile, """{"credHelpers":{"a.test":"keep"}}""");
        Assert.Null(Store().Find("a.test", ""));
        Assert.Null(Store().Store("a.test", Peers.Ann));
        Assert.Equal(Peers.Ann, Store().Find("a.test", "team/web"));
        Assert.DoesNotContain(s_base64, File.ReadAllText(ConfigFile), StringComparison.Ordinal);
        Assert.True(Store().Erase("a.test"));
        Assert.False(Store().Erase("a.test"));
        Assert.False(File.Exists($"{_folder.Path}/kept"));
    }

    [Fact]
    public void A_helper_for_all_registries_may_give_a_refresh_token()
    {
        Helper("all", """echo '{"ServerURL":"x","Username":"<token>","Secret":"refresh"}'""");
        File.WriteAllText(ConfigFile, """{"credsStore":"all"}""");
        Assert.Equal(new RegistryCredential { IdentityToken = "refresh" }, Store().Find("any.test", ""));
    }

    [Theory]
    [InlineData("echo no key in the ring; exit 1", ContainerErrorKind.Unavailable, "fails to get: no key in the ring")]
    [InlineData("echo nonsense", ContainerErrorKind.Unavailable, "gives no credential for 'a.test'")]
    [InlineData("kill -9 $$", ContainerErrorKind.Unavailable, "fails to get")]
    public void A_helper_that_fails_is_named(string script, ContainerErrorKind kind, string message)
    {
        Helper("bad", script);
        File.WriteAllText(ConfigFile, """{"credsStore":"bad"}""");
        var error = Assert.Throws<ContainerException>(() => Store().Find("a.test", ""));
        Assert.Equal(kind, error.Kind);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("missing")]
    [InlineData("../../../bin/true")]
    public void A_helper_that_is_not_installed_is_named(string name)
    {
        File.WriteAllText(ConfigFile, $$"""{"credsStore":"{{name}}"}""");
        var error = Assert.Throws<ContainerException>(() => Store().Find("a.test", ""));
        Assert.Equal(ContainerErrorKind.NotFound, error.Kind);
        Assert.Contains($"docker-credential-{name}", error.Message, StringComparison.Ordinal);
    }

    private CredentialStore Store() => new([ConfigFile], new CredentialHelper(name => name == "PATH" ? $"relative:{_folder.Path}:/usr/bin" : null));

    private void Helper(string name, string script)
    {
        string path = $"{_folder.Path}/docker-credential-{name}";
        File.WriteAllText(path, $"#!/bin/sh\nD={_folder.Path}\n{script}\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserExecute);
    }
}
