using System.Text;
using Rundlet.Images.Copies;
using Rundlet.Images.Tests.Tar;
using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Images.Tests.Copies;

/// <summary>What docker cp was caught with: a process of the container swaps something for a link out, all the time (CVE-2018-15664 and its kin).</summary>
public class CopyRaceTests
{
    private const int Copies = 500;
    private const int Enough = 10;
    private const int PatienceMs = 60_000;
    private static readonly string[] s_kinds = ["out", "in", "tree", "archive"];

    public CopyRaceTests() => Sandbox.SkipUnlessRoot();

    [Fact]
    public void Two_thousand_copies_beneath_a_folder_that_becomes_a_link_out_reach_nothing_outside()
    {
        using var scene = new CopyScene();
        string outside = Path.GetDirectoryName(scene.Canary)!;
        scene.InsideFile("d/canary", "inside");
        scene.InsideFile("d/sub/canary", "inside");
        File.CreateSymbolicLink($"{scene.Inside}/swapped", outside);
        scene.LocalFile("canary", "evil");
        scene.LocalFile("tree/canary", "evil");
        byte[] archive = RawTar.New.File("d/canary", "inside").File("d/made/deep/canary", "inside").HardLink("d/hard", "d/canary").Entry('6', "d/pipe").Symlink("d/link", "x").Ended;
        Dictionary<string, int> outcomes = [];
        using (CopyScene.Swapper swapper = scene.Swap("d", "swapped"))
        {
            // On a busy machine the swapper rests for many copies, and perhaps at the link.
            long end = Environment.TickCount64 + PatienceMs;
            for (int i = 0; i < Copies || (!s_kinds.All(IsDoneOften) && Environment.TickCount64 < end); i++)
            {
                Try("out", () => scene.Out("/d/canary", "got"));
                if (File.Exists($"{scene.Local}/got"))
                    Assert.Contains(File.ReadAllText($"{scene.Local}/got"), (string[])["inside", "evil"]);
                Try("in", () => scene.In("canary", "/d/canary"));
                Try("tree", () => scene.In("tree", "/d"));
                Try("archive", () => scene.Unpack(archive, "/"));
            }
            Assert.True(swapper.Swaps > Copies, $"{swapper.Swaps} swaps");
        }
        scene.AssertUntouched();
        Assert.All(s_kinds, kind => Assert.True(IsDoneOften(kind), $"{kind}: {string.Join(", ", outcomes)}"));

        bool IsDoneOften(string kind) => outcomes.GetValueOrDefault($"{kind} done") > Enough;

        void Try(string kind, Action copy)
        {
            string outcome = "done";
            try
            {
                copy();
            }
            catch (ContainerException error)
            {
                outcome = error.Kind.ToString();
            }
            outcomes[$"{kind} {outcome}"] = outcomes.GetValueOrDefault($"{kind} {outcome}") + 1;
        }
    }

    [Fact]
    public void Files_that_become_links_while_they_are_read_are_never_followed()
    {
        using var scene = new CopyScene();
        scene.InsideFile("d/file", "inside");
        File.CreateSymbolicLink($"{scene.Inside}/d/swapped", scene.Canary);
        using CopyScene.Swapper swapper = scene.Swap("d/file", "d/swapped");
        for (int i = 0; i < Copies; i++)
        {
            foreach ((string kind, byte[] content) in Read(scene.Pack("/d")))
                Assert.True(kind != "0" || Encoding.ASCII.GetString(content) == "inside", Encoding.ASCII.GetString(content));
        }
    }

    private static List<(string Kind, byte[] Content)> Read(byte[] archive) =>
        [.. TarReaderTests.ReadAll(archive).Select(read => (read.Entry.Kind == Images.Tar.TarEntryKind.Regular ? "0" : "", read.Content))];
}
