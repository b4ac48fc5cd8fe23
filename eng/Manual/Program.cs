using System.Diagnostics;

namespace Rundlet.Manual;

/// <summary><c>manual PROGRAM DIR</c>: writes man pages and completions beneath DIR, a prefix such as <c>/usr/local</c>.</summary>
internal static class Program
{
    private static int Main(string[] words)
    {
        if (words.Length != 2)
        {
            Console.Error.WriteLine("usage: manual PROGRAM DIR");
            return 2;
        }
        try
        {
            ProgramHelp help = Ask(words[0]);
            foreach ((string path, string text) in Files(help))
            {
                string file = Path.Combine(words[1], path);
                Directory.CreateDirectory(Path.GetDirectoryName(file)!);
                File.WriteAllText(file, text);
            }
            return 0;
        }
        catch (Exception failed) when (failed is IOException or InvalidDataException or UnauthorizedAccessException or System.ComponentModel.Win32Exception)
        {
            Console.Error.WriteLine($"manual: {failed.Message}");
            return 1;
        }
    }

    /// <summary>All files about a program, with their paths beneath the prefix.</summary>
    internal static IEnumerable<(string Path, string Text)> Files(ProgramHelp help)
    {
        yield return ($"share/man/man1/{help.Name}.1", ManPage.Of(help));
        foreach ((string name, string text) in Pages(help.Name, help.Commands))
            yield return ($"share/man/man1/{name}.1", text);
        yield return ($"share/bash-completion/completions/{help.Name}", BashCompletion.Of(help));
        yield return ($"share/zsh/site-functions/_{help.Name}", ZshCompletion.Of(help));
        yield return ($"share/fish/vendor_completions.d/{help.Name}.fish", FishCompletion.Of(help));
    }

    private static IEnumerable<(string Name, string Text)> Pages(string parent, IReadOnlyList<CommandHelp> commands)
    {
        foreach (CommandHelp command in commands)
        {
            string name = $"{parent}-{command.Name}";
            yield return (name, ManPage.Of(parent, command));
            foreach ((string, string) page in Pages(name, command.Commands))
                yield return page;
        }
    }

    private static ProgramHelp Ask(string program)
    {
        HelpPage whole = HelpPage.Parse(Run(program, "--help"));
        return new ProgramHelp(Path.GetFileName(program), whole, AskCommands(program, whole)) { ListsNames = ListsNames(program) };
    }

    private static CommandHelp[] AskCommands(string program, HelpPage page, params string[] words) => [.. page.Commands.Select(row =>
    {
        string[] path = [.. words, row.Name];
        HelpPage own = HelpPage.Parse(Run(program, [.. path, "--help"]));
        return new CommandHelp(row.Name, row.Help, own, AskCommands(program, own, path));
    })];

    // Without a kind it says which there are, and touches nothing.
    private static bool ListsNames(string program)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, ["__complete"]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        string kinds = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 && kinds.Contains("container", StringComparison.Ordinal);
    }

    private static string Run(string program, params string[] arguments)
    {
        ProcessStartInfo start = new(program, arguments) { RedirectStandardOutput = true };
        using Process process = Process.Start(start)!;
        string text = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? text : throw new InvalidDataException($"'{program} {string.Join(' ', arguments)}' failed with exit status {process.ExitCode}");
    }
}
