using System.Globalization;
using System.Text.Json.Nodes;
using Rundlet.Syscalls;

namespace Rundlet.Runcs.Tests;

public sealed class CommandLineTests : ContainerTest
{
    [Fact]
    public void The_version_begins_as_callers_parse_it()
    {
        string[] lines = Container().Runtime("--version").Good().Lines;
        Assert.StartsWith(RuntimeProgram.IsOurs ? "runcs version " : "runc version ", lines[0], StringComparison.Ordinal);
        Assert.Contains(lines, line => line.StartsWith("spec: 1.", StringComparison.Ordinal));
        Assert.Equal(lines, Container().Runtime("-v").Good().Lines);
    }

    [Fact]
    public void Help_goes_to_stdout_and_names_every_command()
    {
        string help = Container().Runtime("--help").Good().Output;
        foreach (string command in new[] { "create", "start", "run", "state", "kill", "delete", "list", "exec", "spec" })
            Assert.Contains(command, help, StringComparison.Ordinal);
        Assert.Contains("--pid-file", Container().Runtime("create", "--help").Good().Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_spec_is_written_and_runs()
    {
        TestContainer container = Container();
        container.Runtime("spec", "--bundle", container.Bundle).Good();
        JsonObject spec = JsonNode.Parse(File.ReadAllText($"{container.Bundle}/config.json"))!.AsObject();
        Assert.Equal("rootfs", (string)spec["root"]!["path"]!);
        container.Runtime("spec", "-b", container.Bundle).Refused(1, "exist");
        spec["process"]!["terminal"] = false;
        spec["process"]!["args"] = TestContainer.Texts("/bin/echo", "it runs");
        spec["linux"]!["cgroupsPath"] = (string)container.LinuxPart["cgroupsPath"]!;
        File.WriteAllText($"{container.Bundle}/config.json", spec.ToJsonString());
        Assert.Equal("it runs\n", container.Runtime("run", "-b", container.Bundle, container.Id).Good().Output);
    }

    [Fact]
    public void The_bundle_is_the_current_folder_unless_named()
    {
        TestContainer container = Container().Script("echo here");
        container.Save();
        using BoundedProcess process = BoundedProcess.Start($"{Scratch}/run", ["sh", "-c", "cd \"$1\"; shift; exec \"$@\"", "sh", container.Bundle, RuntimeProgram.Path, "--root", container.StateRoot, "run", container.Id]);
        Assert.Equal("here\n", process.Wait().Good().Output);
    }

    [Fact]
    public void The_spec_may_lie_elsewhere()
    {
        RuntimeProgram.SkipUnlessOurs();
        TestContainer container = Container().Script("echo elsewhere");
        File.WriteAllText($"{Scratch}/other.json", container.Spec.ToJsonString());
        Assert.Equal("elsewhere\n", container.Runtime("run", "-b", container.Bundle, "-f", $"{Scratch}/other.json", container.Id).Good().Output);
    }

    [Fact]
    public void Flags_are_taken_as_go_programs_write_them()
    {
        TestContainer container = Container().Script("echo ok");
        container.Save();
        foreach (string[] flags in new string[][] { [$"--bundle={container.Bundle}"], ["-bundle", container.Bundle], [$"-b={container.Bundle}"] })
            Assert.Equal("ok\n", container.Runtime(["run", .. flags, container.Id]).Good().Output);
        foreach (string no in (string[])["false", "0", "f", "F", "FALSE"])
            Assert.Equal("ok\n", container.Runtime(["run", $"--detach={no}", "--bundle", container.Bundle, container.Id]).Good().Output);
        container.Runtime("run", "--detach=no", "--bundle", container.Bundle, container.Id).Refused(1, "--detach");
    }

    [Fact]
    public void The_pid_file_has_the_number_and_nothing_else()
    {
        TestContainer container = Container().Script("exec sleep 1000");
        container.Create("--pid-file", $"{Scratch}/pid").Good();
        string text = File.ReadAllText($"{Scratch}/pid");
        Assert.Equal(container.Pid().ToString(CultureInfo.InvariantCulture), text);
        Assert.Equal([$"{Scratch}/pid"], Directory.GetFileSystemEntries(Scratch));
    }

    [Fact]
    public void A_pid_file_that_cannot_be_written_leaves_no_container()
    {
        TestContainer container = Container();
        container.Create("--pid-file", $"{Scratch}/missing/pid").Refused(1, "no such file or directory");
        container.Runtime("state", container.Id).Refused(1, "container does not exist");
    }

    [Fact]
    public void The_log_has_one_object_after_a_failure_and_none_after_success()
    {
        RuntimeProgram.SkipUnlessOurs();
        TestContainer container = Container();
        string log = $"{Scratch}/log";
        container.Save();
        container.Runtime("--log", log, "--log-format", "json", "run", "-b", container.Bundle, container.Id).Good();
        Assert.True(!File.Exists(log) || new FileInfo(log).Length == 0);
        container.Args("no\"such\nprogram").Save();
        Finished failed = container.Runtime("--log", log, "--log-format=json", "run", "-b", container.Bundle, container.Id);
        failed.Refused(1, "executable file not found in $PATH");
        string[] lines = File.ReadAllLines(log);
        JsonObject entry = JsonNode.Parse(Assert.Single(lines))!.AsObject();
        Assert.Equal("error", (string)entry["level"]!);
        Assert.Contains((string)entry["msg"]!, failed.Error, StringComparison.Ordinal);
        Assert.True(DateTimeOffset.TryParse((string)entry["time"]!, CultureInfo.InvariantCulture, out _));
    }

    [Fact]
    [SpecRow("cli.log")]
    public void A_log_that_nobody_reads_holds_nobody_up()
    {
        RuntimeProgram.SkipUnlessOurs("runc waits");
        LinuxException.ThrowIfError(Sys.mknodat(Sys.AT_FDCWD, $"{Scratch}/pipe", S.IFIFO | 0x180, 0), "mkfifo");
        Finished state = Container().Runtime("--log", $"{Scratch}/pipe", "--log-format", "json", "state", "nobody");
        Assert.Equal(1, state.Status);
        Assert.StartsWith("runcs: container does not exist", state.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void The_log_as_text_is_one_line_whatever_the_message()
    {
        TestContainer container = Container().Args("no\"such\nprogram");
        container.Save();
        container.Runtime("--log", $"{Scratch}/log", "run", "-b", container.Bundle, container.Id);
        string line = Assert.Single(File.ReadAllLines($"{Scratch}/log"));
        Assert.Matches("^time=\"[^\"]+\" level=error msg=\".*\"$", line);
    }

    [Theory]
    [InlineData(3, "unknown command", "destroy")]
    [InlineData(1, "exactly one argument", "checkpoint")]
    [InlineData(1, "unknown flag", "--what")]
    [InlineData(1, "unknown flag", "run", "--what", "x")]
    [InlineData(1, "needs a value", "run", "--bundle")]
    [InlineData(1, "exactly one argument", "state")]
    [InlineData(1, "exactly one argument", "state", "a", "b")]
    [InlineData(1, "invalid format", "list", "--format", "xml")]
    [InlineData(1, "unknown signal", "kill", "x", "NOPE")]
    [InlineData(1, "does not exist", "--systemd-cgroup", "state", "x")]
    public void A_wrong_command_line_is_told_in_one_line(int status, string text, params string[] words)
    {
        RuntimeProgram.SkipUnlessOurs();
        Container().Runtime(words).Refused(status, text);
    }

    [Theory]
    [InlineData("-1")]
    [InlineData("many")]
    [InlineData("99999999999")]
    public void A_number_of_descriptors_that_is_none_is_refused(string number)
    {
        RuntimeProgram.SkipUnlessOurs();
        Container().Run("--preserve-fds", number).Refused(1, "preserve-fds");
    }

    [Fact]
    public void An_unknown_signal_for_a_container_is_refused()
    {
        TestContainer container = Container().Script("exec sleep 1000").Up();
        container.Runtime("kill", container.Id, "NOPE").Refused(1, "unknown signal");
    }
}
