using Rundlet.Engine.Cdi;
using Rundlet.Engine.Options;
using Rundlet.Linux;
using Rundlet.Oci;

namespace Rundlet.Engine.Tests;

public sealed class CdiTests : IDisposable
{
    private const string Whole = """
        {
          "cdiVersion": "0.8.0",
          "kind": "vendor.com/device",
          "annotations": { "a": "b" },
          "containerEdits": { "env": ["FOR_ALL=1"], "additionalGids": [0, 40] },
          "devices": [
            {
              "name": "one",
              "containerEdits": {
                "env": ["ONE=1", "PATH=/vendor"],
                "deviceNodes": [
                  { "path": "/dev/card", "hostPath": "/dev/null", "permissions": "rw" },
                  { "path": "/dev/numbered", "type": "b", "major": 25, "minor": 3, "fileMode": 432, "uid": 5, "gid": 6 }
                ],
                "mounts": [
                  { "hostPath": "/etc/hostname", "containerPath": "/vendor/name", "options": ["ro"] },
                  { "hostPath": "tmpfs", "containerPath": "/vendor", "type": "tmpfs", "options": ["size=1m"] }
                ],
                "hooks": [{ "hookName": "createContainer", "path": "/usr/bin/hook", "args": ["hook", "x"], "env": ["A=1"], "timeout": 5 }],
                "netDevices": [{ "hostInterfaceName": "ib0", "name": "eth7" }],
                "intelRdt": { "closID": "class", "enableMonitoring": true }
              }
            },
            { "name": "two", "containerEdits": { "env": ["TWO=1"] } }
          ]
        }
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("rundlet-cdi-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Everything_that_a_device_asks_for_reaches_the_spec()
    {
        Put("low/a.json", Whole);
        Spec spec = Inject("vendor.com/device=one", "vendor.com/device=two", "vendor.com/device=one");
        Assert.Equal(["PATH=/vendor", "FOR_ALL=1", "ONE=1", "TWO=1"], spec.Process!.Env!);
        Assert.Equal([7u, 40u], spec.Process.User.AdditionalGids!);
        Assert.Equal(
            ["/dev/card c 1:3  1000 100", "/dev/numbered b 25:3 432 5 6"],
            spec.Linux!.Devices!.Select(node => $"{node.Path} {node.Type} {node.Major}:{node.Minor} {node.FileMode} {node.Uid} {node.Gid}"));
        Assert.Equal(["c 1:3 rw", "b 25:3 rwm"], spec.Linux.Resources!.Devices!.Select(rule => $"{rule.Type} {rule.Major}:{rule.Minor} {rule.Access}"));
        Assert.Equal(["tmpfs /vendor tmpfs size=1m", "bind /vendor/name /etc/hostname rbind,ro"], spec.Mounts!.Select(mount => $"{mount.Type} {mount.Destination} {mount.Source} {string.Join(',', mount.Options!)}"));
        Hook hook = Assert.Single(spec.Hooks!.CreateContainer!);
        Assert.Equal(("/usr/bin/hook", 5, "A=1"), (hook.Path, hook.Timeout, hook.Env![0]));
        Assert.Equal("eth7", spec.Linux.NetDevices!["ib0"].Name);
        Assert.Equal(("class", true), (spec.Linux.IntelRdt!.ClosId, spec.Linux.IntelRdt.EnableMonitoring));
    }

    [Fact]
    public void Yaml_says_the_same()
    {
        Put("low/a.yaml", """
            # a comment
            cdiVersion: "1.0.0"
            kind: vendor.com/net
            devices:
              - name: eth0
                containerEdits: &edits
                  env: [A=1, "B=two words"]
                  deviceNodes:
                    - path: /dev/x
                      type: c
                      major: 0x0a
                      minor: 200
                      fileMode: 0o660
              - {name: all, containerEdits: *edits}
            """);
        foreach (string name in (string[])["vendor.com/net=eth0", "vendor.com/net=all"])
        {
            Spec spec = Inject(name);
            Assert.Contains("B=two words", spec.Process!.Env!);
            Device node = Assert.Single(spec.Linux!.Devices!);
            Assert.Equal((10L, 200L, 0x1B0u), (node.Major, node.Minor, node.FileMode!.Value));
        }
    }

    [Fact]
    public void A_later_folder_wins_and_two_files_of_one_conflict()
    {
        Put("low/a.json", Simple("low"));
        Put("high/a.json", Simple("high"));
        Assert.Contains("FROM=high", Inject("vendor.com/d=x").Process!.Env!);
        Put("low/b.json", Simple("other"));
        Assert.Contains("FROM=high", Inject("vendor.com/d=x").Process!.Env!);
        Put("high/b.yaml", Simple("other"));
        ContainerException conflict = Assert.Throws<ContainerException>(() => Inject("vendor.com/d=x"));
        Assert.Equal(ContainerErrorKind.Conflict, conflict.Kind);
        Assert.Contains("high/a.json", conflict.Message);
        Assert.Contains("high/b.yaml", conflict.Message);
    }

    [Fact]
    public void A_device_that_no_file_describes_is_missing_with_what_is_near()
    {
        Put("low/a.json", Whole);
        ContainerException missing = Assert.Throws<ContainerException>(() => Inject("vendor.com/device=on"));
        Assert.Equal((ContainerErrorKind.NotFound, "did you mean 'vendor.com/device=one'?"), (missing.Kind, missing.Hint));
    }

    [Fact]
    public void An_unusable_file_matters_only_where_a_device_is_missing()
    {
        Put("low/a.json", Whole);
        Put("low/bad.json", "{");
        Put("low/readme.txt", "not a specification");
        Inject("vendor.com/device=two");
        ContainerException missing = Assert.Throws<ContainerException>(() => Inject("vendor.com/other=two"));
        Assert.Contains("low/bad.json", missing.Message);
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"cdiVersion":"0.8.0","kind":"vendor.com/d","devices":[]}""")]
    [InlineData("""{"cdiVersion":"9.0.0","kind":"vendor.com/d","devices":[{"name":"x","containerEdits":{}}]}""")]
    [InlineData("""{"cdiVersion":"0.8.0","kind":"vendor.com","devices":[{"name":"x","containerEdits":{}}]}""")]
    [InlineData("""{"cdiVersion":"0.8.0","kind":"vendor.com/d","devices":[{"name":"../x","containerEdits":{}}]}""")]
    [InlineData("""{"cdiVersion":"0.8.0","kind":"vendor.com/d","devices":[{"name":"x","containerEdits":{}},{"name":"x","containerEdits":{}}]}""")]
    [InlineData("""{"cdiVersion":"0.8.0","kind":"vendor.com/d","devices":[{"name":"x","containerEdits":{"seccomp":{}}}]}""")]
    [InlineData("""{"cdiVersion":"0.8.0","kind":"vendor.com/d","devices":[{"name":"x","containerEdits":{"env":["=1"]}}]}""")]
    [InlineData("""{"cdiVersion":"0.8.0","kind":"vendor.com/d","devices":[{"name":"x","containerEdits":{"deviceNodes":[{"path":"dev/x"}]}}]}""")]
    [InlineData("""{"cdiVersion":"0.8.0","kind":"vendor.com/d","devices":[{"name":"x","containerEdits":{"deviceNodes":[{"path":"/dev/x","permissions":"x"}]}}]}""")]
    [InlineData("""{"cdiVersion":"0.8.0","kind":"vendor.com/d","devices":[{"name":"x","containerEdits":{"additionalGids":[-1]}}]}""")]
    [InlineData("""{"cdiVersion":"0.8.0","kind":"vendor.com/d","devices":[{"name":"x","containerEdits":{"hooks":[{"hookName":"never","path":"/x"}]}}]}""")]
    [InlineData("""{"cdiVersion":"0.8.0","kind":"vendor.com/d","devices":[{"name":"x","containerEdits":{"mounts":[{"hostPath":"/x"}]}}]}""")]
    [InlineData("""{"cdiVersion":"0.8.0","kind":"vendor.com/d","devices":[{"name":"x","containerEdits":{"env":["A=\u0000"]}}]}""")]
    public void A_file_that_is_wrong_is_refused_by_its_name(string text)
    {
        foreach (string name in (string[])["low/a.json", "low/a.yaml"])
            Assert.Contains(name, Assert.Throws<ContainerException>(() => CdiReader.Read(Put(name, text))).Message);
    }

    [Theory]
    [InlineData("a: [1, 2")]
    [InlineData("a: 1\na: 2")]
    [InlineData("? [a]\n: 1")]
    [InlineData("<<: {a: 1}")]
    [InlineData("a: *missing")]
    [InlineData("a: &x [*x]")]
    [InlineData("--- 1\n--- 2")]
    public void Yaml_that_is_none_is_refused_with_its_line(string text) =>
        Assert.ThrowsAny<FormatException>(() => Documents.YamlDocument.ToJson(System.Text.Encoding.UTF8.GetBytes(text)));

    [Fact]
    public void Yaml_that_grows_without_end_is_refused()
    {
        string laughs = "a: &a [x,x,x,x,x,x,x,x,x,x]\n" + string.Concat(Enumerable.Range('b', 9).Select(c => $"{(char)c}: &{(char)c} [{string.Join(',', Enumerable.Repeat($"*{(char)(c - 1)}", 10))}]\n"));
        Assert.Contains("nodes", Assert.ThrowsAny<FormatException>(() => Documents.YamlDocument.ToJson(System.Text.Encoding.UTF8.GetBytes(laughs))).Message);
        Assert.ThrowsAny<FormatException>(() => Documents.YamlDocument.ToJson(System.Text.Encoding.UTF8.GetBytes(new string('[', 5000))));
    }

    [Theory]
    [InlineData("""a: ["1", 1, 1.5, true, null, ~, 0x1F, 0o17, word, 'it''s']""", """{"a":["1",1,1.5,true,null,null,31,15,"word","it\u0027s"]}""")]
    [InlineData("a: |\n  two\n  lines\n", """{"a":"two\nlines\n"}""")]
    [InlineData("", "null")]
    [InlineData("yes: no", """{"yes":"no"}""")]
    public void Words_of_yaml_are_what_its_core_schema_says(string yaml, string json) =>
        Assert.Equal(json, System.Text.Encoding.UTF8.GetString(Documents.YamlDocument.ToJson(System.Text.Encoding.UTF8.GetBytes(yaml))));

    [Theory]
    [InlineData("all", "nvidia.com/gpu=all")]
    [InlineData("2", "nvidia.com/gpu=0 nvidia.com/gpu=1")]
    [InlineData("device=1,3", "nvidia.com/gpu=1 nvidia.com/gpu=3")]
    [InlineData("\"device=1,3\",capabilities=compute", "nvidia.com/gpu=1 nvidia.com/gpu=3")]
    [InlineData("driver=amd,count=1", "amd.com/gpu=0")]
    public void Gpus_are_devices_of_their_vendors(string text, string names) => Assert.Equal(names, string.Join(' ', GpuOption.Parse(text)));

    [Theory]
    [InlineData("0")]
    [InlineData("some")]
    [InlineData("device=")]
    [InlineData("driver=tpu")]
    [InlineData("colour=red")]
    public void Other_gpus_are_refused(string text) => Assert.Throws<ContainerException>(() => GpuOption.Parse(text));

    private Spec Inject(params string[] names)
    {
        Spec spec = new()
        {
            OciVersion = "1.2.0",
            Process = new Process { Cwd = "/", Env = ["PATH=/bin"], User = new User { Uid = 1000, Gid = 100, AdditionalGids = [7] } },
            Mounts = [],
            Linux = new LinuxSpec { Resources = new Resources { Devices = [] } },
        };
        CdiInjection.Apply(spec, names, new CdiRegistry([$"{_folder}/none", $"{_folder}/low", $"{_folder}/high"]));
        return spec;
    }

    private string Put(string name, string text)
    {
        string path = $"{_folder}/{name}";
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return path;
    }

    private static string Simple(string from) =>
        """{"cdiVersion":"0.5.0","kind":"vendor.com/d","devices":[{"name":"x","containerEdits":{"env":["FROM=?"]}}]}""".Replace("?", from);
}
