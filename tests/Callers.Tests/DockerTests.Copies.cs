using System.Formats.Tar;
using System.Text;
using Rundlet.Runcs.Tests;

namespace Rundlet.Callers.Tests;

public sealed partial class DockerTests
{
    private const string Here = "L:", There = "C:";

    // The same files on both sides, a folder for each case.
    private static readonly (string Name, string Content)[] s_files =
        [("f", "f"), ("g", "g"), ("d/x", "x"), ("d/sub/y", "y"), ("folders/x/in", "x is a folder"), ("files/sub", "sub is a file"), ("many/1", "1"), ("many/2", "2")];

    private static readonly (string Name, string Target)[] s_links = [("lf", "f"), ("ld", "d"), ("dangle", "made"), ("up", "d/../g"), ("loop", "loop")];

    // All sources with all targets were held against docker once, 280 cases; these are those that show a rule. Docker replaces a link that
    // leads to itself, which is refused here.
    private static readonly (string Source, string Goal)[] s_cases =
    [
        ("f", "new"), ("f", "new/"), ("f", "g"), ("f", "e"), ("f", "ld"), ("f", "dangle"), ("f", "nosuch/new"), ("f/.", "e"),
        ("d", "new"), ("d", "e"), ("d", "g"), ("d", "dangle"), ("d/.", "new"), ("d/.", "e/."), ("d/.", "d"),
        ("folders/.", "d"), ("files/.", "d"), ("many/.", "new/"), ("nosuch", "e"), ("lf", "e"), ("ld", "e"), ("ld/.", "e"),
        ("-L lf", "e"), ("-L ld", "e"), ("-L dangle", "e"), ("-L loop", "e"),
    ];

    /// <summary>Out of a container that does not run, and into it. Not compared are owners, of which docker's manual and docker say different things.</summary>
    [Theory]
    [InlineData(There, Here)]
    [InlineData(Here, There)]
    public void Files_are_copied_to_where_docker_copies_them(string from, string to)
    {
        var images = new ImageStore(_docker.Home);
        string work = Directory.CreateDirectory($"{_docker.Home.Folder}/{Guid.NewGuid():n}").FullName, tree = $"{work}/tree.tar";
        File.WriteAllBytes(tree, Tree());
        images.Run("import", images.WriteRootfs(), "localhost/copies:1");
        string theirs = _docker.Docker("create", "--network", "none", TestImage.Name, "true").Good().Output.Trim();
        images.Run("create", "--name", "copies", "--network", "none", "localhost/copies:1", "true");
        string[] docker = _docker.Command("cp"), ours = images.Command("cp");
        List<string> theirAnswers = Copy(docker, theirs, work, "theirs", tree, from, to), ourAnswers = Copy(ours, "copies", work, "ours", tree, from, to);
        _docker.Docker("rm", theirs).Good();
        images.Run("rm", "copies");
        List<string> different = [];
        for (int i = 0; i < s_cases.Length; i++)
        {
            if (theirAnswers[i] != ourAnswers[i])
                different.Add($"cp {s_cases[i].Source} {s_cases[i].Goal}: docker {theirAnswers[i]}\n  ours {ourAnswers[i]}");
        }
        Assert.True(different.Count == 0, string.Join('\n', different));
    }

    /// <summary>For each case whether it succeeded, and what the folder that it copied to holds afterwards.</summary>
    private List<string> Copy(string[] cp, string container, string work, string name, string tree, string from, string to)
    {
        string local = Directory.CreateDirectory($"{work}/{name}").FullName, list = $"{work}/{name}.list";
        _docker.Home.Run("tar", "-C", local, "-xf", tree).Good();
        _docker.Home.RunWithFile(tree, [.. cp, "-", $"{container}:/"]).Good();
        string Path(string side, int i, string path) => side == There ? $"{container}:/all/t{i}/{path}" : $"{local}/all/t{i}/{path}";
        File.WriteAllLines(list, s_cases.Select((one, i) =>
            $"{(one.Source.StartsWith("-L ", StringComparison.Ordinal) ? "-L" : "--")} {Path(from, i, one.Source.Replace("-L ", "", StringComparison.Ordinal))} {Path(to, i, one.Goal)}"));
        string[] answers = _docker.Home.RunWithFile(list, ["sh", "-c", "while read -r flag from to; do \"$@\" $flag $from $to </dev/null >/dev/null 2>&1 && echo copied || echo failed; done", "sh", .. cp]).Good().Lines;
        if (to == There)
        {
            string archive = $"{work}/{name}.tar";
            _docker.Home.Run(["sh", "-c", "out=$1; shift; exec \"$@\" >\"$out\"", "sh", archive, .. cp, $"{container}:/all", "-"]).Good();
            _docker.Home.Run("sh", "-ec", "rm -r \"$1/all\"; tar -C \"$1\" -xf \"$2\"", "sh", local, archive).Good();
        }
        ILookup<string, string> files = Describe($"{local}/all").ToLookup(line => line[..line.IndexOf('/', 2)], line => line[line.IndexOf('/', 2)..]);
        return [.. s_cases.Select((_, i) => $"{answers[i]}: {string.Join(' ', files[$"./t{i}"])}")];
    }

    private string[] Describe(string folder) => _docker.Home.Run("sh", "-c", """
        cd "$1" && find . -mindepth 2 | LC_ALL=C sort | while read -r p; do
            if [ -L "$p" ]; then echo "$p->$(readlink "$p")"; elif [ -d "$p" ]; then echo "$p/"; else read -r line <"$p"; echo "$p=$line"; fi
        done
        """, "sh", folder).Good().Lines;

    private static byte[] Tree()
    {
        var bytes = new MemoryStream();
        using (var tar = new TarWriter(bytes, TarEntryFormat.Ustar, leaveOpen: true))
        {
            for (int i = 0; i < s_cases.Length; i++)
            {
                foreach (string folder in (string[])["", "/d", "/d/sub", "/e", "/folders", "/folders/x", "/files", "/many"])
                    tar.WriteEntry(new UstarTarEntry(TarEntryType.Directory, $"all/t{i}{folder}/") { Mode = (UnixFileMode)0x1ed });
                foreach ((string name, string content) in s_files)
                    tar.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, $"all/t{i}/{name}") { DataStream = new MemoryStream(Encoding.ASCII.GetBytes(content + "\n")), Mode = (UnixFileMode)0x1a4 });
                foreach ((string name, string target) in s_links)
                    tar.WriteEntry(new UstarTarEntry(TarEntryType.SymbolicLink, $"all/t{i}/{name}") { LinkName = target });
            }
        }
        return bytes.ToArray();
    }
}
