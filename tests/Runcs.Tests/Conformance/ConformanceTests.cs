using System.Globalization;
using System.Text.Json.Nodes;

namespace Rundlet.Runcs.Tests;

/// <summary>
/// One probe for each row of docs/spec-conformance.md that is done, for any runtime: it demands what the specification says
/// and nothing else. The other tests go deeper. `./dev conformance` makes a table of runtimes of it.
/// </summary>
public sealed partial class ConformanceTests : ContainerTest
{
    // A property: the fields of the other files are set in no particular order.
    private static IEnumerable<(string Row, Action<ConformanceTests> Probe)> Probes =>
        [.. s_document, .. s_mounts, .. s_process, .. s_hooks, .. s_linux, .. s_cgroups, .. s_resources, .. s_seccomp, .. s_lifecycle, .. s_commands];

    public static IEnumerable<TheoryDataRow<string>> Rows =>
        Probes.Select(probe => new TheoryDataRow<string>(probe.Row).WithTrait(SpecRowAttribute.Trait, probe.Row));

    [Theory]
    [MemberData(nameof(Rows))]
    public void The_row_holds(string row) => Probes.Single(probe => probe.Row == row).Probe(this);

    private static JsonNode Json(string text) => JsonNode.Parse(text)!;

    /// <summary>A container with a member of the spec set, by its path.</summary>
    private TestContainer With(string path, string json)
    {
        TestContainer container = Container();
        string[] parts = path.Split('.');
        JsonObject at = container.Spec;
        foreach (string part in parts[..^1])
        {
            if (at[part] is not JsonObject next)
                at[part] = next = [];
            at = next;
        }
        at[parts[^1]] = Json(json);
        return container;
    }

    /// <summary>What a script says in a container with a member set.</summary>
    private string Says(string path, string json, string script) => With(path, json).Script(script).Output();

    /// <summary>The start must fail, and no container may be left.</summary>
    private static void Refuses(TestContainer container)
    {
        Assert.NotEqual(0, container.Create().Status);
        Assert.NotEqual(0, container.Runtime("state", container.Id).Status);
    }

    /// <summary>The words of a mount's line in the container's mountinfo, proc(5).</summary>
    private static string[] MountLine(TestContainer container, string destination) =>
        container.Script($"grep ' {destination} ' /proc/self/mountinfo").Output().Split(' ');

    /// <summary>The options of a mount itself.</summary>
    private string[] Attributes(params string[] options) => MountLine(Container().Mount("/m", "tmpfs", "tmpfs", options), "/m")[5].Split(',');

    /// <summary>The options of its file system.</summary>
    private string[] Super(params string[] options) => MountLine(Container().Mount("/m", "tmpfs", "tmpfs", options), "/m")[^1].Split(',');

    // /dev has mounts beneath it on every host.
    private void Recursive(string set, string clear, string shown)
    {
        foreach (string point in (string[])["/m", "/m/pts"])
        {
            Assert.Contains(shown, MountLine(Container().Mount("/m", "bind", "/dev", "rbind", set), point)[5].Split(','));
            Assert.DoesNotContain(shown, MountLine(Container().Mount("/m", "bind", "/dev", "rbind", clear), point)[5].Split(','));
        }
    }

    /// <summary>The marks of propagation of a bind whose source is shared, in mountinfo.</summary>
    private string Propagation(string word, string root)
    {
        TestContainer container = Container().Mount("/m", "bind", "/tmp", "rbind", word).Script("grep ' /m ' /proc/self/mountinfo");
        container.LinuxPart["rootfsPropagation"] = root; // as engines do: crun lets no mount have more
        container.Save();
        using BoundedProcess run = BoundedProcess.Start($"{Scratch}/shared", ["unshare", "--mount", "--propagation", "shared", RuntimeProgram.Path, "--root", container.StateRoot, "run", "--bundle", container.Bundle, container.Id]);
        string[] words = run.Wait().Good().Output.Split(' ');
        return string.Join(' ', words[6..Array.IndexOf(words, "-")]);
    }

    /// <summary>The value of a file of the container's cgroup, with a part of linux.resources set.</summary>
    private void Resource(string json, string controller, string legacy, string legacyValue, string unified, string unifiedValue)
    {
        bool isLegacy = CgroupMounts.IsLegacy(controller);
        if (isLegacy ? legacy.Length == 0 : unified.Length == 0)
            Assert.Skip(isLegacy ? "needs cgroup v2" : "needs cgroup v1");
        TestContainer container = With("linux.resources", json);
        container.Create().Good();
        string file = TestContainer.CgroupFile(container.Pid(), controller, isLegacy ? legacy : unified);
        string value = File.ReadAllText(file).Trim();
        Assert.Matches($"^{(isLegacy ? legacyValue : unifiedValue)}$", value);
    }

    /// <summary>A block device of this machine, such as 254:0.</summary>
    private static (string Name, string Major, string Minor) BlockDevice()
    {
        string? device = Directory.EnumerateDirectories("/sys/block").Select(folder => $"{folder}/dev").FirstOrDefault(File.Exists);
        if (device is null)
            Assert.Skip("needs a block device");
        string[] number = File.ReadAllText(device!).Trim().Split(':');
        return ($"{number[0]}:{number[1]}", number[0], number[1]);
    }

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);
}
