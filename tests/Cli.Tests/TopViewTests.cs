using System.Diagnostics;
using Rundlet.Cli.Tests.Terminal;
using Rundlet.Syscalls;

namespace Rundlet.Cli.Tests;

public sealed class TopViewTests
{
    private const string Up = "\e[A", Down = "\e[B", Escape = "\e";

    [Fact]
    public void Containers_are_sorted_filtered_and_looked_into()
    {
        using Machine machine = new();
        Run(machine, "busy", "while :; do :; done");
        Run(machine, "idle", "exec sleep 600");
        machine.Run("run", "--name", "ended", "--network", "none", "shell", "/bin/sh", "-c", "exit 3");
        using PseudoTerminal terminal = new(machine, 80, 24, "top");
        string[] lines = terminal.Await("the busy one is at the top", lines => lines[2].StartsWith("> busy") || lines[2].StartsWith("  busy"));
        Assert.True(terminal.IsAlternate);
        Assert.StartsWith("rundlet: 2 of 3 containers run   CPU ", lines[0]);
        Assert.StartsWith("  NAME           STATE       ▼CPU %", lines[1]);
        Assert.Contains(lines, line => line.Contains("ended          exited 3"));
        Assert.Equal("q quit ? help / filter <> sort l logs i inspect k kill s stop r restart p pause", lines[23]);
        terminal.Type("<<");
        terminal.Await("they are sorted by name", lines => lines[1].StartsWith("  NAME▲") && lines[2].Contains("busy") && lines[3].Contains("ended") && lines[4].Contains("idle"));
        terminal.Type("/ID");
        terminal.Await("one is shown", lines => lines[2].Contains("idle") && lines[3] == "" && lines[23].StartsWith("show only: ID_"));
        terminal.Type("\ri");
        terminal.Await("its document is shown", lines => lines[0].StartsWith("inspect idle") && lines[1] == "[" && lines[3].Contains("\"Id\": "));
        terminal.Type("q");
        terminal.AwaitText("1 with 'ID'");
        terminal.Type(Escape);
        terminal.Await("all are shown again", lines => lines[4].Contains("idle"));
        terminal.Type("?");
        terminal.AwaitText("back to the shell for a while");
        terminal.Type("qq");
        Assert.Equal(0, terminal.AwaitEnd());
    }

    [Fact]
    public void A_container_is_paused_and_killed_after_it_was_asked()
    {
        using Machine machine = new();
        Run(machine, "victim", "exec sleep 600");
        using PseudoTerminal terminal = new(machine, 80, 24, "top");
        terminal.AwaitText("victim");
        terminal.Type("k");
        terminal.AwaitText("kill 'victim'? y/N");
        terminal.Type("n");
        terminal.AwaitText("q quit");
        Assert.Contains("victim", machine.Run("ps").Output);
        terminal.Type("py");
        terminal.Await("it is paused", lines => lines[2].Contains("victim         paused"));
        terminal.Type("p");
        terminal.AwaitText("unpause 'victim'? y/N");
        terminal.Type("y");
        terminal.Await("it runs again", lines => lines[2].Contains("victim         running"));
        terminal.Type("ky");
        terminal.AwaitText("exited 137");
        terminal.AwaitText("victim: killed");
        terminal.Type("kY");
        terminal.AwaitText("is not running");
        terminal.Type("ry");
        terminal.Await("it runs again", lines => lines[2].Contains("victim") && lines[2].Contains("running"));
        terminal.Type("\x03");
        Assert.Equal(0, terminal.AwaitEnd());
    }

    [Fact]
    public void Logs_are_followed_and_do_nothing_to_the_terminal()
    {
        using Machine machine = new();
        Run(machine, "talks", "printf 'wide 日本語 \\033[31mred\\033[2J\\033[H \\007bell\\n'; while [ ! -e /tmp/go ]; do sleep 0.05; done; echo later; exec sleep 600");
        using PseudoTerminal terminal = new(machine, 80, 24, "top");
        terminal.AwaitText("talks");
        terminal.Type("l");
        terminal.Await("its line is shown", lines => lines[0].StartsWith("logs of talks") && lines[1] == "wide 日本語 red \\x07bell" && lines[23].StartsWith("1-1 of 1, following"));
        machine.Run("exec", "talks", "/bin/touch", "/tmp/go");
        terminal.Await("the next line follows", lines => lines[2] == "later");
        terminal.Type(Escape);
        terminal.AwaitText("q quit");
        terminal.Type("q");
        Assert.Equal(0, terminal.AwaitEnd());
    }

    [Fact]
    public void The_view_follows_the_size_of_the_terminal()
    {
        using Machine machine = new();
        for (int i = 0; i < 4; i++)
            machine.Run("run", "--name", $"ended{i}", "--network", "none", "shell", "/bin/true");
        using PseudoTerminal terminal = new(machine, 80, 24, "top");
        terminal.AwaitText("ended3");
        terminal.Resize(30, 5);
        terminal.Await("it fits", lines => lines.Length == 5 && lines[0].StartsWith("rundlet: 0 of 4") && lines[4] == "q quit ? help / filter <> sort");
        terminal.Type(Down + Down + Down);
        terminal.Await("the last one is in sight", lines => lines[3].StartsWith("> ended3"));
        terminal.Type(Up + Up + Up);
        terminal.Await("the first one is", lines => lines[2].StartsWith("> ended0"));
        terminal.Resize(120, 40);
        terminal.Await("there is more", lines => lines.Length == 40 && lines[1].Contains("IMAGE") && lines[39].StartsWith("q quit"));
        terminal.Type("q");
        Assert.Equal(0, terminal.AwaitEnd());
    }

    [Fact]
    public void The_terminal_is_given_back_on_every_way_out()
    {
        using Machine machine = new();
        foreach (int signal in (int[])[SIG.TERM, SIG.INT, SIG.HUP, SIG.QUIT])
        {
            using PseudoTerminal ended = new(machine, 80, 24, "top");
            ended.AwaitText("q quit");
            ended.Signal(signal);
            Assert.Equal(128 + signal, ended.AwaitEnd());
        }
        using PseudoTerminal terminal = new(machine, 80, 24, "top");
        terminal.AwaitText("q quit");
        foreach (Action stop in (Action[])[() => terminal.Type("\x1a"), () => terminal.Signal(SIG.TSTP)])
        {
            stop();
            terminal.AwaitThat(() => StateOf(terminal.Process) == 'T' && terminal.IsRestored, () => $"it stops, and the terminal is restored: {StateOf(terminal.Process)} {terminal.IsRestored}");
            terminal.Signal(SIG.CONT);
            terminal.AwaitThat(() => terminal.IsAlternate, () => "it has the terminal again");
            terminal.AwaitText("q quit");
        }
        terminal.Type("q");
        Assert.Equal(0, terminal.AwaitEnd());
    }

    [Fact]
    public void Without_colours_there_are_none_and_without_a_terminal_no_view()
    {
        using Machine machine = new();
        machine.Run("run", "--name", "ended", "--network", "none", "shell", "/bin/sh", "-c", "exit 3");
        machine.Variables["NO_COLOR"] = "1";
        using (PseudoTerminal terminal = new(machine, 80, 24, "top"))
        {
            terminal.AwaitText("exited 3");
            terminal.Type("q");
            Assert.Equal(0, terminal.AwaitEnd());
            Assert.Subset(new HashSet<string>(["[0m", "[1m", "[7m"]), new HashSet<string>(terminal.Styles));
        }
        Result none = machine.Run("top");
        Assert.Equal((125, "rundlet: the live view needs a terminal\nhint: rundlet stats --no-stream prints once what containers use\n"), (none.Code, none.Error));
    }

    [Fact]
    public void Stats_are_drawn_in_place()
    {
        using Machine machine = new();
        Run(machine, "first", "exec sleep 600");
        using PseudoTerminal terminal = new(machine, 100, 10, "stats");
        string[] lines = terminal.Await("the table is shown", lines => lines[0].StartsWith("CONTAINER ID   NAME") && lines[1].Contains("first") && lines[2] == "");
        Run(machine, "second", "exec sleep 600");
        terminal.Await("a new one is there", lines => lines[1].Contains("second") && lines[2].Contains("first") && lines[3] == "");
        machine.Run("rm", "-f", "first");
        terminal.Await("one is gone", lines => lines[1].Contains("second") && lines[2] == "");
        terminal.Resize(20, 10);
        terminal.Await("it is cut", lines => lines[0] == "CONTAINER ID   NAME…" || lines[0].StartsWith("CONTAINER ID   NAM"));
        Assert.False(terminal.IsAlternate);
        terminal.Type("\x03");
        Assert.Equal(130, terminal.AwaitEnd());
    }

    private static void Run(Machine machine, string name, string script) =>
        Assert.Equal(0, machine.Run("run", "-d", "--name", name, "--network", "none", "shell", "/bin/sh", "-c", script).Code);

    private static char StateOf(Process process)
    {
        string stat = File.ReadAllText($"/proc/{process.Id}/stat");
        return stat[stat.LastIndexOf(')') + 2];
    }
}
