using Rundlet.Cli.Tests.Terminal;

namespace Rundlet.Cli.Tests;

/// <summary>Colours are for people who look at a terminal and want them.</summary>
public sealed class ColorTests
{
    private const string Green = "32", Red = "31", Yellow = "33";

    [Fact]
    public void States_and_the_first_word_of_errors_have_colours_on_a_terminal_and_nowhere_else()
    {
        using Machine machine = new();
        machine.Variables["NO_COLOR"] = ""; // as if it were not set
        machine.Run("run", "-d", "--name", "up", "--network", "none", "shell", "sleep", "600");
        machine.Run("run", "-d", "--name", "failed", "--network", "none", "shell", "/bin/sh", "-c", "exit 3");
        machine.Run("wait", "failed");
        machine.Run("run", "-d", "--name", "paused", "--network", "none", "shell", "sleep", "600");
        bool isPaused = machine.Run("pause", "paused").Code == 0;

        Assert.DoesNotContain('\e', machine.Run("ps", "-a").Output);
        Assert.DoesNotContain('\e', machine.Run("rm", "nobody").Error);
        string[] shown = StylesOf(machine, "ps", "-a");
        Assert.Contains(shown, style => style.Contains(Green));
        Assert.Contains(shown, style => style.Contains(Red));
        if (isPaused)
            Assert.Contains(shown, style => style.Contains(Yellow));
        Assert.Contains(StylesOf(machine, "rm", "nobody"), style => style.Contains(Red));
        Assert.Empty(StylesOf(machine, "ps", "-a", "--format", "{{.Status}}"));

        machine.Variables["NO_COLOR"] = "1";
        Assert.Empty(StylesOf(machine, "ps", "-a"));
        Assert.Empty(StylesOf(machine, "rm", "nobody"));
    }

    private static string[] StylesOf(Machine machine, params string[] arguments)
    {
        using PseudoTerminal terminal = new(machine, 160, 24, arguments);
        terminal.AwaitText(arguments[0] == "rm" ? "nobody" : "Exited");
        terminal.AwaitEnd();
        return terminal.Styles;
    }
}
