using System.Text.RegularExpressions;

namespace Rundlet.Architecture.Tests;

/// <summary>What the documents promise is there.</summary>
public sealed partial class DocumentTests
{
    public static TheoryData<string> Documents =>
        [.. Directory.EnumerateFiles(Path.Combine(Repository.Root, "docs"), "*.md", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(Repository.Root, path)).Order(StringComparer.Ordinal), "CONTRIBUTING.md", "README.md"];

    [Theory]
    [MemberData(nameof(Documents))]
    public void Every_file_that_a_document_names_exists(string document) => Assert.Empty(MissingFiles(Text(document)));

    [Theory]
    [MemberData(nameof(Documents))]
    public void Every_command_that_a_document_shows_exists(string document) => Assert.Empty(MissingCommands(Text(document)));

    [Fact]
    public void The_readme_shows_the_two_commands()
    {
        IEnumerable<string> shown = Commands(Text("README.md"));
        Assert.Contains("./demo", shown);
        Assert.Contains("./test", shown);
    }

    [Theory]
    [InlineData("Look at `src/Linux/Nowhere.cs`.", "src/Linux/Nowhere.cs")]
    [InlineData("Look at [it](docs/nowhere.md).", "docs/nowhere.md")]
    public void A_file_that_does_not_exist_is_found(string text, string missing) => Assert.Equal([missing], MissingFiles(text));

    [Theory]
    [InlineData("```sh\n./nonsense\n```\n", "./nonsense")]
    [InlineData("```sh\nsudo ./dev nonsense\n```\n", "./dev nonsense")]
    [InlineData("Say `./dev nonsense` now.", "./dev nonsense")]
    public void A_command_that_does_not_exist_is_found(string text, string missing) => Assert.Equal([missing], MissingCommands(text));

    private static string Text(string document) => File.ReadAllText(Path.Combine(Repository.Root, document));

    private static IEnumerable<string> MissingFiles(string text) => FileName().Matches(text)
        .Select(match => match.Groups["path"].Value.TrimEnd('/'))
        .Where(path => !path.AsSpan().ContainsAny("*<>…{") && !path.StartsWith("artifacts/") && !Path.Exists(Path.Combine(Repository.Root, path)));

    private static IEnumerable<string> MissingCommands(string text)
    {
        HashSet<string> verbs = [.. Verb().Matches(Text("dev")).Select(match => match.Groups["verb"].Value)];
        foreach (string command in Commands(text))
        {
            string[] words = command.Split(' ');
            string path = Path.Combine(Repository.Root, words[0]);
            bool runs = File.Exists(path) && (File.GetUnixFileMode(path) & UnixFileMode.UserExecute) != 0;
            if (!runs || (words[0] == "./dev" && words.Length > 1 && !verbs.Contains(words[1])))
                yield return command;
        }
    }

    // The program, and of `./dev` the verb.
    private static IEnumerable<string> Commands(string text) => Command().Matches(text).Select(match => match.Groups["command"].Value);

    [GeneratedRegex(@"(?:`|\]\()(?<path>(?:src|tests|eng|docs|bench)/[^`\s)#]+)")]
    private static partial Regex FileName();

    [GeneratedRegex(@"(?:^|`|sudo )(?<command>\./(?:dev(?: [a-z]+)?|(?!dev)[\w./-]+))", RegexOptions.Multiline)]
    private static partial Regex Command();

    [GeneratedRegex(@"^verb_(?<verb>[a-z]+)\(\)", RegexOptions.Multiline)]
    private static partial Regex Verb();
}
