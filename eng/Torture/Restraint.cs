using System.Text;

namespace Rundlet.Torture;

/// <summary>
/// Keeps a hostile spec from hurting the machine it is tried on, should the runtime do what it says: folders of the host,
/// programs for hooks, cgroups and starvation come from short lists. The namespaces of eng/torture are the second wall.
/// </summary>
internal sealed class Restraint(Random random, string prefix)
{
    private static readonly string[] s_sources =
    [
        "proc", "sysfs", "tmpfs", "cgroup", "mqueue", "devpts", "/tmp/torture/source", "/tmp/torture/source/file", "/tmp/torture/fifo", "/tmp/torture/socket", "/missing", "", "../source", "rootfs", ".", "/dev/null", "/proc/self/ns/net", "/tmp/torture/loop",
    ];

    private static readonly string[] s_programs = ["/bin/true", "/bin/false", "/missing", "bin/true", "", "/tmp/torture/source/file", "/tmp/torture/fifo", "/tmp"];

    private static readonly string[] s_roots = ["rootfs", "rootfs", "rootfs/", "./rootfs", "/tmp/torture/bundle/rootfs", "../bundle/rootfs", "missing", "", "config.json", "/tmp/torture/fifo", "/tmp/torture/loop", "link"];

    /// <summary>The one cgroup path to give to a spec that shall work; null for hostile ones, and any of the list.</summary>
    public string? Cgroup { get; init; }

    /// <summary>Changes the document where it must be.</summary>
    public Node Apply(Node document)
    {
        Walk(document, "", "");
        return document;
    }

    private void Walk(Node node, string parent, string grandparent)
    {
        if (node is ArrayNode list)
        {
            foreach (Node item in list.Items)
                Walk(item, parent, grandparent);
        }
        if (node is not ObjectNode made)
            return;
        for (int i = 0; i < made.Members.Count; i++)
        {
            (byte[] name, Node value) = made.Members[i];
            string plain = Encoding.UTF8.GetString(name).Trim('"');
            if (value is Leaf leaf && Replacement(plain, parent, grandparent, leaf) is { } other)
                made.Members[i] = (name, other);
            else
                Walk(value, plain, parent);
        }
    }

    private Leaf? Replacement(string name, string parent, string grandparent, Leaf value)
    {
        bool hook = grandparent == "hooks" || parent is "prestart" or "createRuntime" or "createContainer" or "startContainer" or "poststart" or "poststop";
        return (name, parent) switch
        {
            ("source", _) => Allow(value, s_sources),
            ("path", "root") => Allow(value, s_roots),
            ("path", _) when hook => Allow(value, s_programs),
            ("timeout", _) when Cgroup is null => new Leaf(Encoding.ASCII.GetBytes(Garbage.Pick(random, ["1", "2", "3", "3", "0", "-1", "null"]))),
            ("cgroupsPath", _) => new Leaf(Leaf.Quote(Cgroup ?? CgroupsPath())),
            // A container that may compute for a millisecond each second is slow, not hung.
            ("quota" or "burst", _) when Cgroup is null => new Leaf(Encoding.ASCII.GetBytes(Garbage.Pick(random, ["-1", "0", "100000", "-2", "9223372036854775807"]))),
            _ => null,
        };
    }

    private Leaf? Allow(Leaf value, string[] allowed)
    {
        if (value.Text is not [(byte)'"', ..] || Array.Exists(allowed, text => value.Text.AsSpan().SequenceEqual(Leaf.Quote(text))))
            return null;
        return new Leaf(Leaf.Quote(Garbage.Pick(random, allowed)));
    }

    private string CgroupsPath() => random.Next(16) switch
    {
        0 => "/",
        1 => "..",
        2 => $"/{prefix}/../..",
        3 => $"{prefix}:b:c",
        4 => $"/{prefix}/{new string('x', random.Next(240, 270))}",
        5 => $"/{prefix}/a\nb",
        6 => $"/{prefix}//./er{random.Next(4)}",
        7 => "",
        8 => $"{prefix}-relative{random.Next(4)}",
        9 => $"/{prefix}/ü",
        _ => $"/{prefix}/c{random.Next(8)}",
    };
}
