using System.Diagnostics;
using System.Text;
using Rundlet.Images.Tests.Registry;

namespace Rundlet.Cli.Tests;

public sealed class RegistryCommandTests : IDisposable
{
    private const string Password = "s3cret: with colon";

    private readonly Machine _machine = new();
    private readonly RegistryServer _registry;

    public RegistryCommandTests()
    {
        string users = $"{_machine.Folder}/users";
        using Process htpasswd = Process.Start(new ProcessStartInfo("htpasswd", ["-Bbc", "-C", "4", users, "ann", Password]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        Assert.Equal(0, Machine.Finish(htpasswd).Code);
        _registry = new RegistryServer(auth: $"  htpasswd:\n    realm: test\n    path: {users}\n");
    }

    private string ConfigFile => $"{_machine.Folder}/config/config.json";

    public void Dispose()
    {
        _registry.Dispose();
        _machine.Dispose();
    }

    [Fact]
    public void An_image_is_pushed_after_a_login_and_not_before()
    {
        string name = $"{_registry.Host}/team/web";
        Assert.Equal(0, _machine.Run("import", $"{_machine.Folder}/root.tar", name).Code);
        Result refused = _machine.Run("push", name);
        Assert.Equal(1, refused.Code);
        Assert.Contains($"hint: rundlet login {_registry.Host}\n", refused.Error);

        Result wrong = _machine.RunWithInput("wrong\n", "login", "-u", "ann", "--password-stdin", _registry.Host);
        Assert.Equal(1, wrong.Code);
        Assert.Contains($"registry '{_registry.Host}' does not accept the login", wrong.Error);
        Assert.False(File.Exists(ConfigFile));

        Result right = _machine.RunWithInput(Password + "\n", "login", "-u", "ann", "--password-stdin", _registry.Host);
        Assert.Equal((0, "Login Succeeded\n"), (right.Code, right.Output));
        Assert.Contains($"the password is readable in '{ConfigFile}'", right.Error);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(ConfigFile));

        Result pushed = _machine.Run("push", name);
        Assert.Equal((0, ""), (pushed.Code, pushed.Error));
        Assert.StartsWith($"The push refers to repository [{name}]\n", pushed.Output);
        Assert.Contains(": Pushed\n", pushed.Output);
        Assert.Matches("latest: digest: sha256:[0-9a-f]{64} size: [0-9]+\n$", pushed.Output);
        Assert.Equal(new Result(0, $"{name}:latest\n", ""), _machine.Run("push", "--quiet", "--all-tags", name));
        Assert.Equal(0, _machine.Run("pull", name).Code);

        Assert.Equal($"Removed the login to {_registry.Host}\n", _machine.Run("logout", _registry.Host).Output);
        Assert.Equal($"Not logged in to {_registry.Host}\n", _machine.Run("logout", _registry.Host).Output);
        Assert.Equal(1, _machine.Run("push", name).Code);
    }

    [Fact]
    public void A_registry_with_TLS_is_trusted_by_the_authority_of_certs_d()
    {
        using var authority = new TestCa();
        using var folder = new CertificateFolder();
        using var registry = new RegistryServer(authority.SignInto(folder.Of("server"), "127.0.0.1"));
        string name = $"{registry.Host}/team/web", config = $"{_machine.Folder}/config";
        Directory.CreateDirectory(config);
        File.WriteAllText($"{config}/registries.json", $$"""{ "registries": { "{{registry.Host}}": { "insecure": false } } }""");
        Assert.Equal(0, _machine.Run("import", $"{_machine.Folder}/root.tar", name).Code);
        Result stranger = _machine.Run("push", name);
        Assert.Equal(1, stranger.Code);
        Assert.Contains($"registry '{registry.Host}' is not trusted: its certificate is signed by nobody who is trusted\nhint: if it should be, put the certificate of its authority at '{config}/certs.d/{registry.Host}/ca.crt'\n", stranger.Error);
        Directory.CreateDirectory($"{config}/certs.d/{registry.Host}");
        File.WriteAllText($"{config}/certs.d/{registry.Host}/ca.crt", authority.Pem);
        Assert.Equal((0, ""), _machine.Run("push", name) is var pushed ? (pushed.Code, pushed.Error) : default);
        Assert.Equal(0, _machine.Run("rmi", name).Code);
        Assert.Equal(new Result(0, $"{name}:latest\n", ""), _machine.Run("pull", "-q", name));
    }

    [Fact]
    public void A_registry_with_a_token_server_is_written_to_after_a_login()
    {
        using var tokens = new TokenServer();
        using var registry = new RegistryServer(auth: tokens.Configuration(_machine.Folder));
        string name = $"{registry.Host}/team/web";
        Assert.Equal(0, _machine.Run("import", $"{_machine.Folder}/root.tar", name).Code);
        Result refused = _machine.Run("push", name);
        Assert.Equal(1, refused.Code);
        Assert.Contains($"hint: rundlet login {registry.Host}\n", refused.Error);
        Assert.Equal(1, _machine.RunWithInput("wrong", "login", "-u", TokenServer.User, "--password-stdin", registry.Host).Code);
        Assert.Equal(0, _machine.RunWithInput(TokenServer.Password, "login", "-u", TokenServer.User, "--password-stdin", registry.Host).Code);
        Assert.Equal(0, _machine.Run("push", name).Code);
        Assert.Equal(0, _machine.Run("logout", registry.Host).Code);
        Assert.Equal(0, _machine.Run("pull", name).Code);
        Assert.Contains("repository:team/web:pull,push", tokens.Scopes);
    }

    [Fact]
    public async Task A_password_that_is_typed_is_not_seen()
    {
        using Process script = Process.Start(_machine.StartInfo("script", "-qec", $"{_machine.Program} login {_registry.Host}", "/dev/null"))!;
        StringBuilder seen = new();
        await AwaitAsync(script, seen, "Username: ");
        await script.StandardInput.WriteAsync("ann\n");
        await AwaitAsync(script, seen, "Password: ");
        await script.StandardInput.WriteAsync($"oops\u0015X{'\u007f'}{Password}\r");
        await script.StandardInput.FlushAsync(TestContext.Current.CancellationToken);
        await AwaitAsync(script, seen, "Login Succeeded");
        await script.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.DoesNotContain("s3cret", seen.ToString());
        Assert.Contains(_registry.Host, File.ReadAllText(ConfigFile));
    }

    [Theory]
    [InlineData("standard input is no terminal", "login")]
    [InlineData("--password-stdin needs --username", "login", "--password-stdin")]
    [InlineData("no password was given", "login", "-u", "ann", "--password-stdin")]
    [InlineData("exclude each other", "login", "-u", "ann", "-p", "x", "--password-stdin")]
    [InlineData("'a b' is no registry", "login", "a b")]
    [InlineData("'web' is no registry", "logout", "web")]
    [InlineData("at most one registry", "login", "a.test", "b.test")]
    [InlineData("names one image, not all tags", "push", "--all-tags", "shell:latest")]
    [InlineData("a digest is no name to push to", "push", "shell@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef")]
    public void What_makes_no_sense_gets_one_line(string message, params string[] arguments)
    {
        Result result = _machine.Run(arguments);
        Assert.Equal(125, result.Code);
        Assert.Contains(message, result.Error);
        Assert.InRange(result.Error.Count(c => c == '\n'), 1, 2);
    }

    private static async Task AwaitAsync(Process process, StringBuilder seen, string text)
    {
        char[] one = new char[1];
        while (!seen.ToString().EndsWith(text, StringComparison.Ordinal))
        {
            if (await process.StandardOutput.ReadAsync(one, TestContext.Current.CancellationToken) == 0)
                Assert.Fail($"'{text}' does not come after: {seen}");
            seen.Append(one[0]);
        }
    }
}
