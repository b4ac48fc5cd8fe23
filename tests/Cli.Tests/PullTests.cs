using System.Diagnostics;
using System.Text.Json;
using Rundlet.Oci;
using Process = System.Diagnostics.Process;

namespace Rundlet.Cli.Tests;

public sealed class PullTests
{
    private static readonly string[] s_layers = [new('a', 2000), new('b', 3000)];

    [Fact]
    public void A_pull_says_what_docker_says_and_quietly_only_the_name()
    {
        using PlainRegistry registry = new();
        using Machine machine = new();
        Picture picture = Pictures.Make(s_layers);
        string name = registry.Publish("team/web", "latest", picture);
        Result first = machine.Run("pull", $"{registry.Host}/team/web");
        Assert.Equal((0, ""), (first.Code, first.Error));
        string[] lines = first.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(["Using default tag: latest", "latest: Pulling from team/web"], lines[..2]);
        Assert.Equal(2, lines.Count(line => line.EndsWith(": Pull complete", StringComparison.Ordinal)));
        Assert.Equal([$"Digest: {picture.Top.Digest}", $"Status: Downloaded newer image for {name}", name], lines[^3..]);
        Assert.Equal($"latest: Pulling from team/web\nDigest: {picture.Top.Digest}\nStatus: Image is up to date for {name}\n{name}\n", machine.Run("image", "pull", name).Output);
        Assert.Equal(new Result(0, name + "\n", ""), machine.Run("pull", "-q", name));
        Assert.Equal($"{name}@{picture.Top.Digest}", Assert.Single(machine.Run("pull", "-q", $"{name}@{picture.Top.Digest}").Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)));
        Result wrong = machine.Run("pull", $"{registry.Host}/team/none:1");
        Assert.Equal(1, wrong.Code);
        Assert.Contains($"repository '{registry.Host}/team/none'", wrong.Error);
        Assert.Equal(125, machine.Run("pull", "WEB").Code);
        Assert.Equal(125, machine.Run("pull").Code);
    }

    [Fact]
    public void All_tags_of_a_repository_are_pulled_with_the_layers_that_they_share_once()
    {
        using PlainRegistry registry = new();
        using Machine machine = new();
        string first = registry.Publish("team/web", "1", Pictures.Make(s_layers)), second = registry.Publish("team/web", "2", Pictures.Make([.. s_layers, "more"], 1));
        registry.Publish("team/other", "1", Pictures.Make(["x"]));
        Result pulled = machine.Run("pull", "--all-tags", $"{registry.Host}/team/web");
        Assert.Equal((0, ""), (pulled.Code, pulled.Error));
        Assert.Equal(3, pulled.Output.Split('\n').Count(line => line.EndsWith(": Pull complete", StringComparison.Ordinal)));
        Assert.Equal($"{first}\n{second}\n", machine.Run("pull", "-aq", $"{registry.Host}/team/web").Output);
        Assert.Equal($"{second}\n{first}\n", machine.Run("images", "-f", "reference=*/team/*", "--format", "{{.Repository}}:{{.Tag}}").Output);
        Result refused = machine.Run("pull", "-a", first);
        Assert.Equal((125, $"rundlet: --all-tags does not go with the tag or digest of '{first}'\n"), (refused.Code, refused.Error));
    }

    [Fact]
    public void A_pull_is_told_as_json_lines()
    {
        using PlainRegistry registry = new();
        using Machine machine = new();
        string name = registry.Publish("web", "1", Pictures.Make(s_layers));
        List<JsonElement> events = [.. machine.Run("pull", "--progress", "json", name).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement.Clone())];
        Assert.Equal("1: Pulling from web", events[0].GetProperty("status").GetString());
        Assert.Equal(2, events.Count(one => one.GetProperty("status").GetString() == "Pull complete" && one.TryGetProperty("id", out _)));
        Assert.Equal(name, events[^1].GetProperty("status").GetString());
    }

    [Fact]
    public void On_a_terminal_a_line_a_layer_is_drawn_over_and_over()
    {
        using PlainRegistry registry = new();
        using Machine machine = new();
        string name = registry.Publish("web", "1", Pictures.Make(s_layers));
        ProcessStartInfo start = machine.StartInfo("script", "-qec", $"{machine.Program} pull {name}", "/dev/null");
        start.Environment["TERM"] = "xterm";
        start.Environment["NO_COLOR"] = "1";
        using Process script = Process.Start(start)!;
        string output = Machine.Finish(script).Output;
        Assert.Contains("\e[?25l", output);
        Assert.True(output.LastIndexOf("\e[?25h", StringComparison.Ordinal) > output.LastIndexOf("\e[?25l", StringComparison.Ordinal));
        Assert.Contains(": Pull complete\e[K", output);
        Assert.DoesNotContain("\e[3", output); // no colour
        Assert.Contains($"Status: Downloaded newer image for {name}", output);
    }

    [Fact]
    public void An_interrupted_pull_says_so_and_goes_on_when_it_is_run_again()
    {
        using PlainRegistry registry = new() { HoldsLayers = true };
        using Machine machine = new();
        string name = registry.Publish("web", "1", Pictures.Make(s_layers));
        using Process pull = machine.Start("pull", name);
        Assert.True(registry.Waiting.Wait(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));
        Interrupt(pull);
        Result interrupted = Machine.Finish(pull);
        Assert.Equal(130, interrupted.Code);
        Assert.Equal($"rundlet: the pull of '{name}' was interrupted\nhint: the same command goes on where this one stopped\n", interrupted.Error);
        registry.HoldsLayers = false;
        Assert.Equal(0, machine.Run("pull", name).Code);
        Assert.Equal("[/file0]\n", machine.Run("inspect", "-f", "{{.Config.Cmd}}", name).Output);
    }

    [Fact]
    public void A_platform_is_chosen_from_an_index()
    {
        using PlainRegistry registry = new();
        using Machine machine = new();
        string name = registry.Publish("web", "1", Pictures.Index(Pictures.Make(["x"]), Pictures.Make(["y"], architecture: "riscv64"), Pictures.Make(["z"], architecture: "s390x")));
        Assert.Equal(0, machine.Run("pull", "--platform", "riscv64", name).Code);
        Assert.Equal("riscv64\n", machine.Run("inspect", "-f", "{{.Architecture}}", name).Output);
        Result none = machine.Run("pull", "--platform", "linux/mips", name);
        Assert.Contains($"image '{name}' is not made for 'linux/mips'", none.Error);
        Assert.Contains("linux/riscv64, linux/s390x", none.Error);
        Result run = machine.Run("run", "--rm", "--network", "none", "--platform", "s390x", name);
        Assert.NotEqual(0, run.Code);
        Assert.Contains(": Pull complete", run.Error);
        Assert.Equal("s390x\n", machine.Run("inspect", "-f", "{{.Architecture}}", name).Output);
        Assert.DoesNotContain("Pull", machine.Run("run", "--rm", "--network", "none", "--platform", "linux/s390x", name).Error);
    }

    [Fact]
    public void An_image_that_is_missing_is_pulled_before_it_runs_and_one_that_is_here_when_it_is_wanted()
    {
        using PlainRegistry registry = new();
        using Machine machine = new();
        string name = registry.Publish("web", "1", Pictures.Make(["#!/no/such/interpreter\n"]));
        Result never = machine.Run("run", "--rm", "--network", "none", "--pull", "never", name);
        Assert.Equal(125, never.Code);
        Assert.Contains($"no such image '{name}'", never.Error);
        Result missing = machine.Run("run", "--rm", "--network", "none", name);
        Assert.Equal("", missing.Output);
        Assert.StartsWith($"Unable to find image '{name}' locally\n", missing.Error);
        Assert.Contains(": Pull complete\n", missing.Error);
        string before = machine.Run("images", "-q", name).Output;
        registry.Publish("web", "1", Pictures.Make(["#!/another\n"]));
        Assert.DoesNotContain("Pull", machine.Run("run", "--rm", "--network", "none", name).Error);
        Assert.Equal(before, machine.Run("images", "-q", name).Output);
        Assert.Contains(": Pull complete\n", machine.Run("run", "--rm", "--network", "none", "--pull", "always", name).Error);
        Assert.NotEqual(before, machine.Run("images", "-q", name).Output);
        Assert.Contains("there are missing, always and never", machine.Run("run", "--pull", "sometimes", name).Error);
    }

    [Fact]
    public void A_name_without_a_registry_is_looked_for_in_the_search_registries_and_known_by_it_afterwards()
    {
        using PlainRegistry first = new(), second = new();
        using Machine machine = new();
        Directory.CreateDirectory($"{machine.Folder}/config");
        File.WriteAllText($"{machine.Folder}/config/registries.json", $$"""{ "search": ["{{first.Host}}", "{{second.Host}}"] }""");
        string name = second.Publish("team/web", "latest", Pictures.Make(["#!/no/such/interpreter\n"]));
        Result pulled = machine.Run("pull", "team/web");
        Assert.EndsWith($"Status: Downloaded newer image for {name}\n{name}\n", pulled.Output);
        Assert.DoesNotContain("Pull", machine.Run("run", "--rm", "--network", "none", "team/web").Error);
        machine.Run("rmi", name);
        Assert.Contains(": Pull complete\n", machine.Run("run", "--name", "box", "--network", "none", "team/web").Error);
        Assert.Contains("team/none", machine.Run("pull", "team/none").Error);
    }

    [Fact]
    public void What_is_damaged_is_fetched_again_from_the_registry()
    {
        using PlainRegistry registry = new();
        using Machine machine = new();
        Picture picture = Pictures.Make(s_layers);
        string name = registry.Publish("web", "1", picture);
        machine.Run("pull", name);
        Digest blob = ImageReader.ReadManifest(picture.Blobs[picture.Top.Digest]).Layers[0].Digest;
        string path = $"{machine.Folder}/lib/blobs/sha256/{blob.Hex}";
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        File.WriteAllText(path, "changed");
        Result check = machine.Run("system", "check");
        Assert.Equal(1, check.Code);
        Assert.StartsWith($"blob '{blob}' has other bytes than its digest says, needed by {name}\n", check.Output);
        Assert.EndsWith("1 repaired\n", machine.Run("system", "check", "--repair").Output);
        Assert.Equal(0, machine.Run("system", "check").Code);
    }

    private static void Interrupt(Process process)
    {
        using Process kill = Process.Start("kill", ["-s", "INT", process.Id.ToString()]);
        kill.WaitForExit();
    }
}
