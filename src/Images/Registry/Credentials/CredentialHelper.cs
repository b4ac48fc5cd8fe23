using System.Text;
using System.Text.Json;
using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Images.Registry.Credentials;

/// <summary>
/// Speaks with programs named <c>docker-credential-NAME</c> that keep credentials: one word as argument, the question on standard input,
/// the answer on standard output.
/// </summary>
/// <param name="variable">Looks up a variable of the environment; helpers are found along its <c>PATH</c>, and inherit all of it.</param>
public sealed class CredentialHelper(Func<string, string?> variable)
{
    private const string Prefix = "docker-credential-", TokenUser = "<token>", NotFound = "credentials not found in native keychain";
    private const int MaxBytes = 1 << 20;

    /// <summary>Asks for a credential; null where the helper has none.</summary>
    /// <param name="helper">The helper's name, without prefix.</param>
    /// <param name="key">The registry, as config files name it.</param>
    /// <exception cref="ContainerException">NotFound: there is no such program; Unavailable: it failed.</exception>
    public RegistryCredential? Get(string helper, string key)
    {
        (int status, byte[] output) = Run(helper, "get", Encoding.UTF8.GetBytes(key));
        if (status != 0)
            return Text(output).Contains(NotFound, StringComparison.OrdinalIgnoreCase) ? null : throw Failed(helper, "get", output);
        try
        {
            using JsonDocument answer = JsonDocument.Parse(output);
            string user = answer.RootElement.GetProperty("Username").GetString() ?? "", secret = answer.RootElement.GetProperty("Secret").GetString() ?? "";
            return user == TokenUser ? new RegistryCredential { IdentityToken = secret } : new RegistryCredential { User = user, Password = secret };
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new ContainerException(ContainerErrorKind.Unavailable, $"credential helper '{helper}' gives no credential for '{key}'");
        }
    }

    /// <summary>Has a credential kept.</summary>
    /// <inheritdoc cref="Get"/>
    public void Store(string helper, string key, RegistryCredential credential)
    {
        var question = new MemoryStream();
        using (var json = new Utf8JsonWriter(question))
        {
            json.WriteStartObject();
            json.WriteString("ServerURL"u8, key);
            json.WriteString("Username"u8, credential.IdentityToken is null ? credential.User : TokenUser);
            json.WriteString("Secret"u8, credential.IdentityToken ?? credential.Password);
            json.WriteEndObject();
        }
        (int status, byte[] output) = Run(helper, "store", question.ToArray());
        if (status != 0)
            throw Failed(helper, "store", output);
    }

    /// <summary>Has a credential forgotten; it need not be there.</summary>
    /// <inheritdoc cref="Get"/>
    public void Erase(string helper, string key)
    {
        (int status, byte[] output) = Run(helper, "erase", Encoding.UTF8.GetBytes(key));
        if (status != 0 && !Text(output).Contains(NotFound, StringComparison.OrdinalIgnoreCase))
            throw Failed(helper, "erase", output);
    }

    private (int Status, byte[] Output) Run(string helper, string verb, byte[] question)
    {
        if (helper.Length == 0 || helper.AsSpan().Contains('/') || Locate(Prefix + helper) is not { } program)
            throw new ContainerException(ContainerErrorKind.NotFound, $"cannot find credential helper '{Prefix}{helper}'") { Hint = "install it, or take it out of config.json" };
        LinuxException.ThrowIfError(Sys.pipe2(out int answerEnd, out int answerWriter, O.CLOEXEC), "make a pipe");
        using OwnedFd answer = new(answerEnd);
        using OwnedFd questionFile = Memory(question);
        int pid;
        using (OwnedFd output = new(answerWriter))
        {
            pid = LinuxException.ThrowIfError(
                Spawn.Start(program, [Prefix + helper, verb], Surroundings(), [new(questionFile.Value, 0), new(output.Value, 1)], newSession: false), "start", program);
        }
        int status;
        byte[] bytes;
        try
        {
            bytes = FileIo.ReadAll(answer.Value, program, MaxBytes);
        }
        finally
        {
            answer.Dispose(); // whoever writes more than we take must not wait for us
            status = Await(pid, program);
        }
        return (status, bytes);
    }

    private static int Await(int pid, string program)
    {
        int answer;
        siginfo_t info;
        do
            answer = Sys.waitid(P.PID, pid, out info, W.EXITED);
        while (Sys.Is(answer, Errno.EINTR));
        LinuxException.ThrowIfError(answer, "wait for", program);
        return info.si_code == CLD.EXITED ? info.si_status : 128 + info.si_status;
    }

    // A file without a name holds the question: unlike a pipe it never fills.
    private static OwnedFd Memory(byte[] content)
    {
        OwnedFd file = OwnedFd.FromAnswer(Sys.memfd_create("question", MFD.CLOEXEC), "make a file in memory");
        try
        {
            FileIo.WriteAll(file.Value, content, "question");
            LinuxException.ThrowIfError((int)Sys.lseek(file.Value, 0, 0), "seek", "question");
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private string? Locate(string program)
    {
        foreach (string folder in (variable("PATH") ?? "").Split(':'))
        {
            string path = $"{folder}/{program}";
            if (folder.StartsWith('/') && Sys.faccessat2(Sys.AT_FDCWD, path, 1, AT.EACCESS) == 0)
                return path;
        }
        return null;
    }

    private static List<string> Surroundings()
    {
        List<string> all = [];
        foreach (System.Collections.DictionaryEntry entry in Environment.GetEnvironmentVariables())
            all.Add($"{entry.Key}={entry.Value}");
        return all;
    }

    private static string Text(byte[] output) => Encoding.UTF8.GetString(output);

    private static ContainerException Failed(string helper, string verb, byte[] output)
    {
        string told = Text(output).Trim();
        return new ContainerException(ContainerErrorKind.Unavailable,
            $"credential helper '{Prefix}{helper}' fails to {verb}{(told.Length > 0 ? ": " + ByteText.Show(Encoding.UTF8.GetBytes(told)) : "")}");
    }
}
