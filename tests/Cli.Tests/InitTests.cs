using System.Diagnostics;
using System.Text.Json;

namespace Rundlet.Cli.Tests;

public sealed class InitTests
{
    [Fact]
    public void The_first_process_ends_with_the_code_of_the_program_or_of_its_signal()
    {
        using Machine machine = WithInit();
        Assert.Equal(new Result(7, "rundlet-init\n", ""), Run(machine, "cat /proc/1/comm; exit 7"));
        Assert.Equal(143, Run(machine, "kill -TERM $$").Code);
        Result missing = machine.Run("run", "--rm", "--init", "--network", "none", "shell", "no-such-program");
        Assert.Equal((127, "rundlet-init: execute 'no-such-program': ENOENT (No such file or directory)\n"), (missing.Code, missing.Error));
        Assert.Equal(126, machine.Run("run", "--rm", "--init", "--network", "none", "shell", "/bin/text").Code);
    }

    [Fact]
    public void Orphans_are_reaped()
    {
        using Machine machine = WithInit();
        // The inner shell leaves a child behind that ends at once; without a reaper it would be a zombie for ever.
        Result result = Run(machine, "sh -c 'true & true & true &'; for i in 1 2 3 4 5 6 7 8 9 10; do for p in /proc/[0-9]*; do read s < $p/stat || continue; done; sleep 0.02; done; for p in /proc/[0-9]*; do read -r id name state rest < $p/stat && [ $state = Z ] && echo zombie $name; done; exit 0");
        Assert.Equal((0, ""), (result.Code, result.Output));
    }

    [Theory]
    [InlineData("TERM")]
    [InlineData("HUP")]
    [InlineData("USR1")]
    [InlineData("RTMAX")]
    public void Signals_are_passed_on(string signal)
    {
        using Machine machine = WithInit();
        using Process run = machine.Start("run", "--rm", "--init", "--name", "box", "--network", "none", "shell", "/bin/sh", "-c", $"trap 'echo got it; exit 9' {(signal == "RTMAX" ? "64" : signal)}; echo ready; while :; do sleep 0.02; done");
        Assert.Equal("ready", run.StandardOutput.ReadLine());
        machine.Run("kill", "-s", signal == "RTMAX" ? "64" : signal, "box");
        Result result = Machine.Finish(run);
        Assert.Equal((9, "got it\n"), (result.Code, result.Output));
    }

    [Fact]
    public void It_is_not_of_the_image_and_cannot_be_written_to()
    {
        using Machine machine = WithInit();
        machine.Run("run", "--name", "box", "--init", "--network", "none", "shell", "/bin/sh", "-c", "while read -r device place type options rest; do [ $place = /sbin/rundlet-init ] && echo $options; done < /proc/mounts; exit 0");
        Assert.StartsWith("ro,", machine.Run("logs", "box").Output);
        Assert.Equal("", machine.Run("diff", "box").Output);
        using JsonDocument document = JsonDocument.Parse(machine.Run("inspect", "box").Output);
        JsonElement container = document.RootElement[0];
        Assert.Equal("/bin/sh", container.GetProperty("Path").GetString());
        Assert.Equal("-c", container.GetProperty("Args")[0].GetString());
        Assert.True(container.GetProperty("HostConfig").GetProperty("Init").GetBoolean());
    }

    private static Machine WithInit()
    {
        Machine machine = new();
        if (!File.Exists(Path.Combine(Path.GetDirectoryName(machine.Program)!, "rundlet-init")))
            Assert.Skip("needs rundlet-init in artifacts/bin");
        return machine;
    }

    private static Result Run(Machine machine, string script) => machine.Run("run", "--rm", "--init", "--network", "none", "shell", "/bin/sh", "-c", script);
}
