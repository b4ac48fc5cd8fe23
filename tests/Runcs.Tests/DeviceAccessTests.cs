using System.Text.Json.Nodes;

namespace Rundlet.Runcs.Tests;

/// <summary>
/// Device rules, by really making and opening nodes. Major 240 is for experiments: nobody has it, so that an open which the rules
/// let through ends with "no such device", and one which they do not with "not permitted".
/// </summary>
[SpecRow("linux.resources.devices")]
public sealed class DeviceAccessTests : ContainerTest
{
    [Theory]
    [InlineData("-a", "c 240:5=", "b 240:5=")]
    [InlineData("-a +c:240:5:r", "c 240:5=r", "c 240:6=", "b 240:5=")]
    [InlineData("-a +c:240:5:w", "c 240:5=w")]
    [InlineData("-a +c:240:5:rw", "c 240:5=rw", "c 241:5=")]
    [InlineData("-a +c:240:*:rw", "c 240:5=rw", "c 240:77=rw", "c 241:5=")]
    [InlineData("-a +b:*:*:r", "b 240:5=r", "b 241:9=r", "c 240:5=")]
    [InlineData("-a +c:240:5:r +c:240:5:w", "c 240:5=rw")]
    [InlineData("-a +c:240:5:rw -c:240:5:w", "c 240:5=r")]
    [InlineData("-a +c:240:5:rw -c:240:5:rw", "c 240:5=")]
    [InlineData("+a", "c 240:5=rw", "b 240:5=rw")]
    [InlineData("+a -c:240:5:w", "c 240:5=r", "c 240:6=rw", "b 240:5=rw")]
    [InlineData("+a -c:240:*:rw +c:241:1:r", "c 240:5=", "c 241:1=rw")]
    [InlineData("+a -a +c:240:5:r", "c 240:5=r", "c 240:6=")]
    public void The_last_rule_that_matches_decides(string rules, params string[] expected)
    {
        TestContainer container = Ruled(rules).Script(Script(expected));
        Assert.Equal(expected, container.Output().Split('\n'));
    }

    [Fact]
    public void The_default_devices_can_be_used_whatever_the_rules_say()
    {
        TestContainer container = Ruled("-a -c:1:3:rwm -c:1:5:rwm").Script(
            "for d in null zero full random urandom; do head -c 1 /dev/$d > /dev/null && echo $d; done; [ -c /dev/tty ] && : > /dev/null && echo written");
        Assert.Equal(["null", "zero", "full", "random", "urandom", "written"], container.Output().Split('\n'));
    }

    [Fact]
    public void A_terminal_can_be_used_where_all_is_denied()
    {
        TestContainer container = Ruled("-a").Script("[ -t 0 ] && echo terminal > /dev/tty && : > /dev/pts/0 && echo opened");
        container.Process["terminal"] = true;
        container.Mount("/dev/pts", "devpts", "devpts", "nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620");
        using ConsoleListener console = new($"{Scratch}/console");
        container.Create("--console-socket", console.Path).Good();
        using TerminalMaster master = console.Receive();
        container.Start().Good();
        Assert.Contains("terminal", master.ReadUntil("opened"), StringComparison.Ordinal);
    }

    [Fact]
    public void Nodes_can_be_made_though_not_opened()
    {
        TestContainer container = Ruled("-a").Script("mknod /tmp/c c 240 5 && mknod /tmp/b b 240 5 && echo made; : < /tmp/c");
        container.Create().Good();
        int pid = container.Pid();
        container.Start().Good();
        container.WaitForEnd(pid);
        Assert.Equal("made\n", container.ContainerOutput);
        Assert.Contains("not permitted", File.ReadAllText(container.ErrorFile), StringComparison.Ordinal);
    }

    [Fact]
    public void The_rules_hold_for_exec_and_for_cgroups_that_the_container_makes()
    {
        TestContainer container = Ruled("-a +c:240:5:r").Script("mknod /tmp/yes c 240 5; mknod /tmp/no c 240 6; echo up; sleep 1000").Up();
        container.AwaitText(container.OutputFile, "up");
        Assert.Contains("No such device", container.Exec("/bin/sh", "-c", ": < /tmp/yes").Error, StringComparison.Ordinal);
        Assert.Contains("not permitted", container.Exec("/bin/sh", "-c", ": < /tmp/no").Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Rules_that_are_no_rules_are_refused()
    {
        RuntimeProgram.SkipUnlessOurs();
        foreach ((string member, JsonNode value, string words) in ((string, JsonNode, string)[])[("type", "x", "unknown type 'x'"), ("access", "rx", "rwm"), ("major", -2, "out of range")])
        {
            TestContainer container = Ruled("-a +c:240:5:r").Script("true");
            container.LinuxPart["resources"]!["devices"]![1]![member] = value;
            container.Run().Refused(1, words);
        }
    }

    private TestContainer Ruled(string rules)
    {
        if (CgroupMounts.Find("devices") is null && CgroupMounts.Unified.Length == 0)
            Assert.Skip("nothing controls devices here");
        TestContainer container = Container().Capabilities("CAP_MKNOD", "CAP_DAC_OVERRIDE");
        container.LinuxPart["resources"] = new JsonObject { ["devices"] = new JsonArray([.. rules.Split(' ').Select(Rule)]) };
        return container;
    }

    /// <summary><c>+c:240:5:rw</c>, <c>-a</c>.</summary>
    private static JsonNode Rule(string text)
    {
        string[] parts = text[1..].Split(':');
        JsonObject rule = new() { ["allow"] = text[0] == '+', ["type"] = parts[0], ["access"] = parts.Length > 3 ? parts[3] : "rwm" };
        if (parts.Length > 1 && parts[1] != "*")
            rule["major"] = int.Parse(parts[1], System.Globalization.CultureInfo.InvariantCulture);
        if (parts.Length > 2 && parts[2] != "*")
            rule["minor"] = int.Parse(parts[2], System.Globalization.CultureInfo.InvariantCulture);
        return rule;
    }

    /// <summary>Prints for each node what opens.</summary>
    private static string Script(string[] expected)
    {
        string nodes = string.Join(' ', expected.Select(line => line.Split('=')[0].Replace(' ', ':')));
        return $$"""
            may() { case "$1" in *"not permitted"*) ;; *) printf %s "$2";; esac; }
            for n in {{nodes}}; do
                IFS=:; set -- $n; unset IFS
                mknod /tmp/node $1 $2 $3
                printf '%s %s:%s=' $1 $2 $3
                may "$( { : < /tmp/node; } 2>&1 )" r
                may "$( { : > /tmp/node; } 2>&1 )" w
                echo
                rm /tmp/node
            done
            """;
    }
}
