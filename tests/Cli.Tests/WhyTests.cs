using System.Text.Json;

namespace Rundlet.Cli.Tests;

public sealed class WhyTests
{
    [Fact]
    public void A_container_that_ended_is_explained_in_words_and_as_a_document()
    {
        using Machine machine = new();
        machine.Run("run", "--name", "bad", "--network", "none", "shell", "/bin/sh", "-c", "echo one; printf '\\033[31mbind: Address already in use\\n'; exit 3");
        string text = machine.Run("why", "bad").Output;
        Assert.StartsWith("bad: Exited (3)", text);
        Assert.Contains("  its program ended by itself, with code 3: an error of its own\n", text);
        Assert.Contains("its log says that a port was taken", text);
        Assert.Contains("\n  | one\n", text);
        Assert.DoesNotContain("\u001b", text);
        using JsonDocument document = JsonDocument.Parse(machine.Run("why", "--format", "json", "bad").Output);
        Assert.Equal(3, document.RootElement.GetProperty("ExitCode").GetInt32());
        Assert.Equal(2, document.RootElement.GetProperty("Findings").GetArrayLength());
        Assert.Equal("one", document.RootElement.GetProperty("LastLines")[0].GetString());
        Assert.Equal("exited\n", machine.Run("why", "--format", "{{.Status}}", "bad").Output);
    }

    [Fact]
    public void A_start_that_failed_is_remembered_until_one_succeeds()
    {
        using Machine machine = new();
        string folder = Directory.CreateDirectory($"{machine.Folder}/tools").FullName;
        machine.Run("create", "--name", "new", "--network", "none", "shell", "slep", "600");
        Assert.Contains("it was made and never started", machine.Run("why", "new").Output);
        Assert.Equal(1, machine.Run("start", "new").Code);
        string text = machine.Run("why", "new").Output;
        Assert.Contains("its last start failed: ", text);
        Assert.Contains("no program 'slep' in the PATH of the image", text);
        Assert.Contains("hint: did you mean 'sleep'?", text);
        machine.Run("create", "--name", "later", "--network", "none", "-v", $"{folder}:/tools", "shell", "/tools/run");
        machine.Run("start", "later");
        Assert.Contains("'/tools', where something is mounted", machine.Run("why", "later").Output);
        File.Copy("/bin/true", $"{folder}/run");
        Assert.Equal(0, machine.Run("start", "later").Code);
        machine.Run("logs", "-f", "later");
        Assert.Contains("success", machine.Run("why", "later").Output);
    }

    [Fact]
    public void A_foreground_run_says_what_is_wrong_with_the_program()
    {
        using Machine machine = new();
        Assert.Contains("hint: no program 'slep' in the PATH of the image", machine.Run("run", "--rm", "--network", "none", "shell", "slep", "1").Error);
        Assert.Contains("did you mean 'sleep'?", machine.Run("run", "--rm", "--network", "none", "shell", "slep", "1").Error);
        Assert.Contains("hint: '/bin/text' is not executable: chmod +x /bin/text in the image", machine.Run("run", "--rm", "--network", "none", "shell", "/bin/text").Error);
    }

    [Fact]
    public void Lack_of_memory_is_said_by_run_and_by_why()
    {
        using Machine machine = new();
        string[] hungry = ["-m", "8m", "--memory-swap", "8m", "--network", "none", "shell", "/bin/sh", "-c", "x=0123456789abcdef; while :; do x=$x$x; done"];
        Result result = machine.Run(["run", "--name", "hungry", .. hungry]);
        Assert.Equal(137, result.Code);
        Assert.Contains("the kernel killed a process of it for lack of memory: its limit is 8 MiB", result.Error);
        Assert.Contains("hint: give it more: --memory 16m", result.Error);
        string text = machine.Run("why", "hungry").Output;
        Assert.Contains("for lack of memory: its limit is 8 MiB", text);
        Assert.Contains("SIGKILL", text);
    }

    [Fact]
    public void A_running_one_and_one_that_is_not_there_are_answered()
    {
        using Machine machine = new();
        machine.Run("run", "-d", "--name", "box", "--network", "none", "shell", "/bin/sleep", "600");
        Assert.Contains("it runs", machine.Run("why", "box").Output);
        machine.Run("stop", "-t", "0", "box");
        Assert.Contains("did not end in the time that stop gave it", machine.Run("why", "box").Output);
        Assert.Equal(1, machine.Run("why", "nobody").Code);
        Assert.Equal(125, machine.Run("why").Code);
    }
}
