using System.Diagnostics;

namespace Rundlet.Cli.Tests.Images;

/// <summary>Whatever ends a command that works on images, and whenever: the next one works, and what is believed to be there is whole.</summary>
public class ImageCrashTests
{
    private const int Seed = 4;

    [Fact]
    public void Killed_at_any_moment_commands_leave_a_store_that_is_whole_and_nothing_after_a_prune()
    {
        using var states = new ImageStates();
        using var registry = new MemoryRegistry();
        string archive = Prepare(states, registry);
        var random = new Random(Seed);
        int kills = 0, wanted = ImageStates.Scale(20, 200);
        for (int round = 0; kills < wanted; round++)
        {
            Assert.True(round < wanted * 20, $"only {kills} of {round} commands were killed before they ended");
            if (states.Kill(TimeSpan.FromMilliseconds(random.Next(1, 60)), Command(random, states, registry, archive)))
                kills++;
            states.Must("images", "-q");
            if (round % 10 == 9)
                states.AssertWhole();
        }
        states.AssertWhole();
        states.Must("pull", "-q", registry.Name(0));
        states.Must("run", "--rm", "--network", "none", registry.Name(0));
        states.AssertEmptyAfterPrune();
    }

    [Fact]
    public async Task Two_that_pull_remove_and_prune_at_once_lose_nothing_and_say_only_what_is_so()
    {
        using var states = new ImageStates();
        using var registry = new MemoryRegistry();
        TimeSpan length = TimeSpan.FromSeconds(ImageStates.Scale(4, 60));
        long start = Stopwatch.GetTimestamp();
        List<string> complaints = [];
        int commands = 0;
        void Work(int seed)
        {
            var random = new Random(seed);
            while (Stopwatch.GetElapsedTime(start) < length)
            {
                string name = registry.Name(random.Next(MemoryRegistry.Images));
                string[] command = random.Next(5) switch
                {
                    0 => ["rmi", "-f", name],
                    1 => ["image", "prune", "-a", "-f"],
                    2 => ["run", "--rm", "--network", "none", name],
                    _ => ["pull", "-q", name],
                };
                Result result = states.Run(command);
                // Gone since: that is what the other one does. No other word is expected.
                bool isFine = result.Code == 0 || (command[0] is "rmi" or "run" && (result.Error.Contains("no such image") || result.Error.Contains("removed meanwhile")));
                lock (complaints)
                {
                    commands++;
                    if (!isFine)
                        complaints.Add($"{string.Join(' ', command)}: {result.Code}: {result.Error}");
                }
            }
        }
        await Task.WhenAll(Task.Run(() => Work(1)), Task.Run(() => Work(2)));
        Assert.True(complaints.Count == 0, string.Join("\n", complaints));
        TestContext.Current.SendDiagnosticMessage($"{commands} commands in {ImageStates.Seconds(length)} s");
        states.AssertWhole();
        states.Must("pull", "-q", registry.Name(3));
        states.AssertWhole();
        states.AssertEmptyAfterPrune();
    }

    [Fact]
    public void On_a_full_disk_each_command_says_so_in_one_line_and_works_when_there_is_space()
    {
        using var disk = new LoopDisk(megabytes: 48);
        using var states = new ImageStates($"{disk.Mount}/lib");
        using var registry = new MemoryRegistry();
        states.Must("pull", "-q", registry.Name(0));
        string archive = $"{states.Folder}/image.tar";
        states.Must("save", "-o", archive, registry.Name(0));
        states.Must("rmi", registry.Name(0));
        for (long left = 0; left < 6 << 20; left += ImageStates.Scale(3 << 19, 1 << 18))
        {
            disk.Fill(left);
            foreach (string[] command in (string[][])[["pull", "-q", registry.Name(3)], ["load", "-q", "-i", archive]])
            {
                Result result = states.Run(command);
                if (result.Code == 0)
                    continue;
                string[] lines = result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries);
                Assert.True(lines.Length <= 2 && lines[0].StartsWith("rundlet: ", StringComparison.Ordinal), result.Error);
                Assert.True(result.Error.Contains("free some space") || result.Error.Contains("disk is full"), result.Error);
            }
            disk.Empty();
            states.AssertWhole();
            states.Must("pull", "-q", registry.Name(3));
            states.Must("load", "-q", "-i", archive);
            states.AssertWhole();
            states.AssertEmptyAfterPrune();
        }
    }

    [Fact]
    public void After_a_power_cut_what_is_believed_complete_is_complete_and_the_next_pull_succeeds()
    {
        using var registry = new MemoryRegistry();
        var random = new Random(Seed);
        int cuts = ImageStates.Scale(3, 50), during = 0;
        for (int i = 0; i < cuts; i++)
        {
            using var disk = new LoopDisk(megabytes: 48);
            using var states = new ImageStates($"{disk.Mount}/lib");
            states.Must("pull", "-q", registry.Name(0)); // complete before, and it must stay so
            string copy = $"{states.Folder}/after";
            using (Process pull = states.Start("pull", "-q", registry.Name(3)))
            {
                pull.WaitForExit(TimeSpan.FromMilliseconds(random.Next(1, 60)));
                during += pull.HasExited ? 0 : 1;
                disk.CopyWhile(pull, copy);
                ImageStates.Finish(pull);
            }
            using var after = new LoopDisk(copy);
            using var again = new ImageStates($"{after.Mount}/lib");
            again.AssertWhole();
            Assert.Contains("app", again.Must("images"), StringComparison.Ordinal);
            again.Must("run", "--rm", "--network", "none", registry.Name(0));
            again.Must("pull", "-q", registry.Name(3));
            again.AssertWhole();
            again.AssertEmptyAfterPrune();
        }
        Assert.True(during > 0, "every pull had ended before the cut");
    }

    /// <summary>An image and a container to commit; an archive to load.</summary>
    private static string Prepare(ImageStates states, MemoryRegistry registry)
    {
        string archive = $"{states.Folder}/image.tar";
        states.Must("pull", "-q", registry.Name(3));
        states.Must("save", "-o", archive, registry.Name(3));
        states.Must("run", "--name", "base", "--network", "none", registry.Name(3));
        return archive;
    }

    private static string[] Command(Random random, ImageStates states, MemoryRegistry registry, string archive)
    {
        string name = registry.Name(random.Next(MemoryRegistry.Images));
        return random.Next(6) switch
        {
            0 => ["load", "-q", "-i", archive],
            1 => ["rmi", "-f", name],
            2 => ["image", "prune", "-a", "-f"],
            3 => ["commit", "base", $"committed:{random.Next(3)}"],
            _ => ["pull", "-q", name],
        };
    }
}
