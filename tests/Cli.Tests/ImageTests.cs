using System.Text.Json;

namespace Rundlet.Cli.Tests;

public sealed class ImageTests
{
    [Fact]
    public void Images_are_listed_the_newest_first_and_filtered_as_docker_filters()
    {
        using Machine machine = new();
        string old = machine.AddImage("team/old:1", ["a"], 0, ("stage", "prod"), ("role", "front"));
        machine.AddImage("team/web:2", ["a", "b"], 1, ("stage", "test"));
        string web = machine.AddImage("registry.test/deep/web:2", ["c"], 2);
        string lost = machine.AddImage("team/web:3", ["d"], 3);
        machine.AddImage("team/web:3", ["e"], 4); // takes the name from the one before
        string List(params string[] flags) => machine.Run(["images", "--format", "{{.Repository}}:{{.Tag}}", .. flags]).Output.ReplaceLineEndings(" ").TrimEnd();
        Assert.Equal("shell:latest team/web:3 <none>:<none> registry.test/deep/web:2 team/web:2 team/old:1", List());
        Assert.Equal("<none>:<none>", List("--filter", "dangling=true"));
        Assert.Equal("team/old:1", List("-f", "dangling=false", "-f", "before=team/web:2"));
        Assert.Equal("shell:latest team/web:3 <none>:<none> registry.test/deep/web:2", List("-f", "since=team/web:2"));
        Assert.Equal("team/web:2 team/old:1", List("-f", "label=stage"));
        Assert.Equal("team/old:1", List("-f", "label=stage=prod", "-f", "label=role"));
        Assert.Equal("team/web:2", List("-f", "label=stage", "-f", "label!=stage=prod"));
        Assert.Equal("team/web:3 team/web:2 team/old:1", List("-f", "reference=team/*"));
        Assert.Equal("registry.test/deep/web:2 team/web:2", List("-f", "reference=*/*:2", "-f", "reference=*/*/*:2"));
        Assert.Equal("team/web:3 team/web:2", List("team/web"));
        Assert.Equal("team/web:2", List("team/web:2"));
        Assert.Equal("", List("web"));
        Assert.Equal("registry.test/deep/web:2 team/web:2 team/old:1", List("-f", "until=2024-05-04T00:00:00Z"));
        Assert.Equal($"{lost[7..19]}\n", machine.Run("images", "-q", "-f", "dangling=true").Output);
        Assert.Equal($"{old}\n", machine.Run("images", "-aq", "--no-trunc", "team/old").Output);
        string[] table = machine.Run("images", "--digests", "registry.test/deep/web").Output.Split('\n');
        Assert.Matches(@"^REPOSITORY +TAG +DIGEST +IMAGE ID +CREATED +SIZE$", table[0]);
        Assert.Matches($@"^registry.test/deep/web   2         sha256:[0-9a-f]{{64}}   {web[7..19]}   \d+ years ago   \S+B$", table[1]);
        Result wrong = machine.Run("images", "--filter", "refrence=x");
        Assert.Equal((125, "rundlet: unknown filter 'refrence'\nhint: did you mean 'reference'?\n"), (wrong.Code, wrong.Error));
        Assert.Contains("no such image 'none'", machine.Run("images", "--filter", "since=none").Error);
    }

    [Fact]
    public void An_image_is_inspected_in_dockers_shape()
    {
        using Machine machine = new();
        string id = machine.AddImage("team/web:2", ["a", "b"], 0, ("stage", "prod"));
        machine.Run("tag", "team/web:2", "registry.test/web:x");
        using (JsonDocument document = JsonDocument.Parse(machine.Run("image", "inspect", "team/web:2").Output))
        {
            JsonElement image = document.RootElement[0];
            Assert.Equal(id, image.GetProperty("Id").GetString());
            Assert.Equal(["team/web:2", "registry.test/web:x"], image.GetProperty("RepoTags").EnumerateArray().Select(tag => tag.GetString()));
            Assert.Equal(2, image.GetProperty("RootFS").GetProperty("Layers").GetArrayLength());
            Assert.Equal(2, image.GetProperty("RepoDigests").GetArrayLength());
            Assert.Equal("2024-05-01T12:00:00Z", image.GetProperty("Created").GetString());
            Assert.True(File.Exists($"{image.GetProperty("GraphDriver").GetProperty("Data").GetProperty("UpperDir").GetString()}/file1"));
        }
        Assert.Equal("prod linux [/file0]\n", machine.Run("inspect", "-f", "{{.Config.Labels.stage}} {{.Os}} {{.Config.Cmd}}", id[7..19]).Output);
        machine.Run("run", "--name", "team", "--network", "none", "shell", "/bin/true");
        Result both = machine.Run("inspect", "-f", "{{.Id}}", "team", "nobody", "team/web:2");
        Assert.Equal(1, both.Code);
        Assert.Equal(2, both.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.StartsWith("rundlet: no such container, image, network or volume 'nobody'\n", both.Error);
        Assert.Contains("no such image 'team'", machine.Run("inspect", "--type", "image", "team").Error);
        Assert.Contains("no such container 'shell'", machine.Run("container", "inspect", "shell").Error);
        Assert.Contains("did you mean 'team/web'?", machine.Run("inspect", "team/wbe").Error);
        Assert.Contains("unknown type 'plugin'", machine.Run("inspect", "--type", "plugin", "x").Error);
        Assert.Equal("[]\n", machine.Run("inspect", "nobody").Output);
    }

    [Fact]
    public void The_history_of_an_image_has_its_steps_the_last_first()
    {
        using Machine machine = new();
        string id = machine.AddImage("web", ["a", "some content"]);
        string[] table = machine.Run("history", "web").Output.Split('\n');
        Assert.Matches("^IMAGE +CREATED +CREATED BY +SIZE +COMMENT$", table[0]);
        Assert.Matches($"^{id[7..19]}   N/A +CMD \\[\"/file0\"\\] +0B +no layer$", table[1]);
        Assert.Matches(@"^<missing>      \d+ years ago   COPY file1 / +12B +$", table[2]);
        Assert.Equal("12 2024-05-01T12:00:00Z COPY file1 /", machine.Run("image", "history", "--human=false", "--format", "{{.Size}} {{.CreatedSince}} {{.CreatedBy}}", "web").Output.Split('\n')[1]);
        Assert.Equal($"{id}\n<missing>\n<missing>\n", machine.Run("history", "-q", "--no-trunc", "web").Output);
    }

    [Fact]
    public void A_name_is_given_and_taken_away_and_the_last_one_takes_the_image_with_it()
    {
        using Machine machine = new();
        string id = machine.AddImage("web", ["a"]);
        Assert.Equal(new Result(0, "", ""), machine.Run("tag", "web", "registry.test:5000/team/web:1"));
        Assert.Contains($"image '{id[7..19]}' has 2 names: web:latest, registry.test:5000/team/web:1", machine.Run("rmi", id[7..19]).Error);
        Assert.Equal(new Result(0, "Untagged: web:latest\n", ""), machine.Run("rmi", "web"));
        Result last = machine.Run("image", "rm", "registry.test:5000/team/web:1");
        Assert.Matches($"^Untagged: registry.test:5000/team/web:1\nDeleted: {id}\nDeleted: sha256:[0-9a-f]{{64}}\n$", last.Output);
        Result gone = machine.Run("rmi", "web", "shell:latst");
        Assert.Equal((1, ""), (gone.Code, gone.Output));
        Assert.Contains("no such image 'web'", gone.Error);
        Assert.Contains("hint: did you mean 'shell:latest'?", gone.Error);
        Assert.Equal(0, machine.Run("rmi", "-f", "web").Code);
        Assert.Equal(125, machine.Run("rmi", "WEB").Code);
        Assert.Equal(125, machine.Run("tag", "shell").Code);
    }

    [Fact]
    public void An_image_in_use_is_not_removed_and_says_by_whom()
    {
        using Machine machine = new();
        machine.Run("run", "-d", "--name", "box", "--network", "none", "shell", "/bin/sleep", "600");
        Result refused = machine.Run("rmi", "shell");
        Assert.Equal(1, refused.Code);
        Assert.Contains("image 'shell' is used by container 'box'", refused.Error);
        Assert.Contains("hint: remove that first: rundlet rm box", refused.Error);
        Assert.Equal("Untagged: shell:latest\n", machine.Run("rmi", "-f", "shell").Output);
        Assert.Equal("inside\n", machine.Run("exec", "box", "/bin/sh", "-c", "echo inside").Output);
        Assert.Contains("<none>", machine.Run("images").Output);
        Assert.Equal("Total reclaimed space: 0B\n", machine.Run("image", "prune", "-f").Output);
        machine.Run("rm", "-f", "box");
        Assert.Contains("deleted: sha256:", machine.Run("image", "prune", "-f").Output);
    }

    [Fact]
    public void Images_are_pruned_after_a_question()
    {
        using Machine machine = new();
        machine.AddImage("web", ["first"], 0, ("keep", "yes"));
        string lost = machine.AddImage("web", ["second"], 1);
        machine.AddImage("web", ["third"], 2, ("keep", "yes"));
        Result asked = machine.RunWithInput("n\n", "image", "prune");
        Assert.Equal((1, "WARNING! This will remove all images without a name.\nAre you sure you want to continue? [y/N] "), (asked.Code, asked.Output));
        Assert.Equal("rundlet: nothing was removed, since it was not confirmed\nhint: -f removes without asking\n", asked.Error);
        Assert.Equal(1, machine.Run("image", "prune").Code);
        Result confirmed = machine.RunWithInput("y\n", "image", "prune", "--filter", "label!=keep");
        Assert.Contains($"Deleted Images:\ndeleted: {lost}\n", confirmed.Output);
        Assert.Matches(@"Total reclaimed space: \S+B\n$", confirmed.Output);
        Assert.Equal(3, machine.Run("images", "-q").Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Contains("untagged: web:latest", machine.Run("image", "prune", "-af", "--filter", "label=keep").Output);
        Assert.Equal("shell\n", machine.Run("images", "--format", "{{.Repository}}").Output);
        Assert.Contains("untagged: shell:latest", machine.Run("image", "prune", "-a", "-f").Output);
        Assert.Equal("", machine.Run("images", "-q").Output);
        Assert.Contains("unknown filter 'reference'", machine.Run("image", "prune", "-f", "--filter", "reference=x").Error);
    }
}
