using System.Text.Json.Nodes;

namespace Rundlet.Runcs.Tests;

public sealed class TerminalTests : ContainerTest
{
    [Fact]
    public void The_terminal_comes_over_the_console_socket_and_works()
    {
        TestContainer container = WithTerminal("tty; ls -l /dev/console | cut -c1; stty size; read line; echo got $line");
        container.Process["consoleSize"] = new JsonObject { ["height"] = 33, ["width"] = 99 };
        using ConsoleListener console = new($"{Scratch}/console");
        container.Create("--console-socket", console.Path).Good();
        using TerminalMaster master = console.Receive();
        container.Start().Good();
        string shown = master.ReadUntil("33 99");
        Assert.Contains("/dev/pts/0", shown, StringComparison.Ordinal);
        Assert.Contains("c\r\n", shown, StringComparison.Ordinal);
        int pid = container.Pid();
        master.Write("a line\n");
        master.ReadUntil("got a line");
        container.WaitForEnd(pid);
    }

    [Fact]
    public void The_terminal_controls_the_session()
    {
        TestContainer container = WithTerminal("trap 'echo interrupted; exit 3' INT; echo ready; while :; do sleep 0.05; done");
        using ConsoleListener console = new($"{Scratch}/console");
        container.Create("--console-socket", console.Path).Good();
        using TerminalMaster master = console.Receive();
        container.Start().Good();
        int pid = container.Pid();
        master.ReadUntil("ready");
        master.Write("\u0003");
        master.ReadUntil("interrupted");
        container.WaitForEnd(pid);
    }

    [Fact]
    public void A_new_size_reaches_the_program()
    {
        TestContainer container = WithTerminal("trap 'stty size; exit' WINCH; echo ready; while :; do sleep 0.05; done");
        using ConsoleListener console = new($"{Scratch}/console");
        container.Create("--console-socket", console.Path).Good();
        using TerminalMaster master = console.Receive();
        container.Start().Good();
        master.ReadUntil("ready");
        master.Resize(12, 34);
        master.ReadUntil("12 34");
    }

    // A program may write before it reads: who serves its terminal must not wait for it to read.
    [Fact]
    [SpecRow("process.terminal")]
    public void Much_input_and_much_output_do_not_wait_for_each_other()
    {
        RuntimeProgram.SkipUnlessOurs("runc 1.1 waits for ever");
        File.WriteAllText($"{Scratch}/input", new string('i', 300_000));
        TestContainer container = WithTerminal("stty raw -echo; echo x > /scratch/ready; head -c 300000 /dev/zero | tr '\\0' o; head -c 200000 | wc -c").Mount("/scratch", "bind", Scratch, "bind");
        container.Launcher = ["/bin/sh", "-c", $"(while ! [ -s {Scratch}/ready ]; do sleep 0.05; done; cat {Scratch}/input) | \"$@\"", "sh", RuntimeProgram.Path];
        container.Save();
        using BoundedProcess run = container.Begin("0<&0", "run", "--bundle", container.Bundle, container.Id);
        Assert.EndsWith("200000", run.Wait().Good().Output.TrimEnd(), StringComparison.Ordinal);
    }

    [Fact]
    [SpecRow("process.terminal")]
    public void A_program_that_closes_its_terminal_costs_no_processor()
    {
        TestContainer container = WithTerminal("exec sleep 2 </dev/null >/dev/null 2>&1");
        container.Launcher = ["/bin/sh", "-c", "\"$@\"; times", "sh", RuntimeProgram.Path];
        string[] spent = container.Run().Good().Lines[^1].Split(' '); // of the shell's children: 0m0.010000s 0m0.020000s
        Assert.All(spent, time => Assert.InRange(double.Parse(time.Trim().Split('m')[1].TrimEnd('s'), System.Globalization.CultureInfo.InvariantCulture), 0, 0.5));
    }

    [Fact]
    public void The_console_belongs_to_the_user()
    {
        TestContainer container = WithTerminal("stat -c %u $(tty); echo end");
        container.Process["user"] = new JsonObject { ["uid"] = 1001, ["gid"] = 1001 };
        using ConsoleListener console = new($"{Scratch}/console");
        container.Create("--console-socket", console.Path).Good();
        using TerminalMaster master = console.Receive();
        container.Start().Good();
        Assert.Equal("1001\r\nend\r\n", master.ReadUntil("end\r\n"));
    }

    [Fact]
    public void A_process_of_exec_gets_a_terminal_of_its_own()
    {
        RuntimeProgram.SkipUnlessOurs("runc waits for ever for a first process whose exec'd children nobody has collected");
        TestContainer container = WithTerminal("exec sleep 1000");
        container.Process["terminal"] = false;
        container.Up();
        using ConsoleListener console = new($"{Scratch}/console");
        container.Runtime("exec", "--detach", "--tty", "--console-socket", console.Path, container.Id, "sh", "-c", "tty; read line; echo got $line").Good();
        using TerminalMaster master = console.Receive();
        master.ReadUntil("/dev/pts/0");
        master.Write("hi\n");
        master.ReadUntil("got hi");
    }

    [Fact]
    public void Run_under_a_terminal_serves_it()
    {
        TestContainer container = WithTerminal("tty; stty size; read line; echo got $line; exit 6");
        container.Save();
        using BoundedProcess script = UnderScript(container, "stty rows 22 cols 77; echo typed | cat - /dev/null");
        Finished run = script.Wait();
        Assert.Equal(6, run.Status);
        Assert.Contains("/dev/pts/0", run.Output, StringComparison.Ordinal);
        Assert.Contains("22 77", run.Output, StringComparison.Ordinal);
        Assert.Contains("got typed", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_terminal_without_a_socket_needs_a_foreground()
    {
        TestContainer container = WithTerminal("true");
        container.Create().Refused(1, "cannot allocate tty if runc");
        container.Run("--detach").Refused(1, "cannot allocate tty if runc");
    }

    [Fact]
    public void A_socket_without_a_terminal_is_refused() =>
        Container().Create("--console-socket", $"{Scratch}/console").Refused(1, "console socket");

    [Fact]
    public void A_socket_that_nobody_listens_on_leaves_no_container()
    {
        TestContainer container = WithTerminal("true");
        container.Create("--console-socket", $"{Scratch}/nobody").Refused(1, "nobody");
        container.Runtime("state", container.Id).Refused(1, "container does not exist");
    }

    [Fact]
    public void A_link_where_the_console_belongs_is_not_followed()
    {
        RuntimeProgram.SkipUnlessOurs("runc 1.1 follows it: CVE-2025-52565");
        string canary = $"{Scratch}/canary";
        File.WriteAllText(canary, "canary");
        TestContainer container = WithTerminal("ls -l /dev/console");
        container.Mounts.RemoveAt(1);
        File.CreateSymbolicLink($"{container.Rootfs}/dev/console", "/etc/target");
        File.WriteAllText($"{container.Rootfs}/etc/target", "target");
        using ConsoleListener console = new($"{Scratch}/console");
        Finished created = container.Create("--console-socket", console.Path);
        if (RuntimeProgram.IsOurs)
            created.Refused(1, "/dev/console");
        Assert.Equal("target", File.ReadAllText($"{container.Rootfs}/etc/target"));
    }

    private TestContainer WithTerminal(string script)
    {
        TestContainer container = Container().Mount("/dev/pts", "devpts", "devpts", "nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620").Script(script);
        container.Process["terminal"] = true;
        return container;
    }

    // script(1) gives a terminal to what it runs, and what is typed comes from a pipe.
    private BoundedProcess UnderScript(TestContainer container, string before)
    {
        File.WriteAllText($"{Scratch}/typed", "typed\n");
        string run = $"{before.Split(';')[0]}; exec {RuntimeProgram.Path} --root {container.StateRoot} run -b {container.Bundle} {container.Id}";
        return BoundedProcess.Start($"{Scratch}/script", ["script", "-qec", run, "/dev/null"], $"<{Scratch}/typed");
    }
}
