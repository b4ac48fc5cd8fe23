using Rundlet.Engine.State;
using Rundlet.Engine.Volumes;
using Rundlet.Linux;
using Rundlet.Linux.Proc;
using Rundlet.Syscalls;

namespace Rundlet.Engine.Tests;

/// <summary>Volumes without containers: rows, folders, claims, and what crashes leave, made by hand.</summary>
public sealed class VolumeTests
{
    private const int NoPid = 0x3FFFFFFF; // above what the kernel gives out

    [Fact]
    public void A_volume_is_made_once_and_keeps_what_is_in_it()
    {
        using TestRoot root = new();
        VolumeStore store = new(root.Paths, root.Database);
        store.Create(Volume("data") with { Labels = new Dictionary<string, string> { ["a"] = "1" } });
        File.WriteAllText($"{root.Paths.VolumeData("data")}/file", "x");
        store.Create(Volume("data"));
        Assert.Equal("1", store.Get("data").Labels["a"]);
        Assert.True(File.Exists($"{root.Paths.VolumeData("data")}/file"));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute,
            File.GetUnixFileMode(root.Paths.VolumeData("data")));
    }

    [Fact]
    public void Eight_that_make_one_volume_at_once_make_one()
    {
        using TestRoot root = new();
        Parallel.For(0, 8, i =>
        {
            using Database database = Database.Open(root.Paths.StateFile);
            new VolumeStore(root.Paths, database).Create(Volume("data"));
        });
        Assert.Single(new VolumeStore(root.Paths, root.Database).List());
    }

    [Fact]
    public void Other_options_than_those_of_an_existing_volume_are_a_conflict()
    {
        using TestRoot root = new();
        VolumeStore store = new(root.Paths, root.Database);
        store.Create(Volume("data"));
        var wanted = Volume("data") with { Options = new Dictionary<string, string> { ["type"] = "tmpfs" } };
        Assert.Equal(ContainerErrorKind.Conflict, Assert.Throws<ContainerException>(() => store.Create(wanted)).Kind);
    }

    [Theory]
    [InlineData("a")]
    [InlineData(".a")]
    [InlineData("-a")]
    [InlineData("a/b")]
    [InlineData("..")]
    [InlineData("a b")]
    [InlineData("")]
    public void A_name_that_is_none_is_refused(string name)
    {
        using TestRoot root = new();
        Assert.Equal(ContainerErrorKind.InvalidArgument, Assert.Throws<ContainerException>(() => new VolumeStore(root.Paths, root.Database).Create(Volume(name))).Kind);
    }

    [Fact]
    public void A_volume_that_containers_use_is_not_removed_and_the_error_names_them()
    {
        using TestRoot root = new();
        VolumeStore store = new(root.Paths, root.Database);
        ContainerTable containers = new(root.Database);
        ContainerRecord web = TestRoot.Record("web", 'a'), api = TestRoot.Record("api", 'b');
        containers.Insert(web, "create", new VolumeUse(Volume("data"), false));
        containers.Insert(api, "create", new VolumeUse(Volume("data"), false));
        var error = Assert.Throws<ContainerException>(() => store.Remove("data"));
        Assert.Equal(ContainerErrorKind.Conflict, error.Kind);
        Assert.Contains("'api', 'web'", error.Message);
        Assert.Equal(ContainerErrorKind.Conflict, Assert.Throws<ContainerException>(() => store.Rename("data", "other")).Kind);
        Assert.Empty(containers.Delete(web, withVolumes: true));
        Assert.Empty(containers.Delete(api, withVolumes: true));
        store.Remove("data");
        Assert.Empty(store.List());
    }

    [Fact]
    public void A_container_that_goes_leaves_named_volumes_and_those_of_others()
    {
        using TestRoot root = new();
        ContainerTable containers = new(root.Database);
        VolumeUse own = Anonymous('1'), shared = Anonymous('2'), named = new(Volume("data"), false);
        ContainerRecord web = TestRoot.Record("web", 'a'), api = TestRoot.Record("api", 'b');
        containers.Insert(web, "create", own, shared, named);
        containers.Insert(api, "create", shared);
        Assert.Equal([own.Volume.Name], containers.Delete(web, withVolumes: true));
        Assert.Equal([shared.Volume.Name], containers.Delete(api, withVolumes: true));
    }

    [Fact]
    public async Task What_lives_waits_for_a_removal_and_finishes_that_of_the_dead()
    {
        using TestRoot root = new();
        VolumeStore store = new(root.Paths, root.Database);
        store.Create(Volume("data"));
        File.WriteAllText($"{root.Paths.VolumeData("data")}/old", "x");
        Claim(root, "data", NoPid, 1, VolumeClaim.Remove);
        store.Create(Volume("data"));
        Assert.Empty(Directory.EnumerateFileSystemEntries(root.Paths.VolumeData("data")));

        Claim(root, "data", 1, (long)ProcStat.Read(1).StartTime, VolumeClaim.Remove);
        var waiting = Task.Run(() =>
        {
            using Database database = Database.Open(root.Paths.StateFile);
            new VolumeStore(root.Paths, database).Create(Volume("data"));
        }, TestContext.Current.CancellationToken);
        Assert.False(waiting.IsCompleted);
        Claim(root, "data", NoPid, 1, VolumeClaim.Remove);
        await waiting.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        Assert.Null(store.Get("data").Claim);
    }

    [Fact]
    public void A_volume_moves_with_its_files_to_another_name()
    {
        using TestRoot root = new();
        VolumeStore store = new(root.Paths, root.Database);
        store.Create(Volume("data"));
        store.Create(Volume("taken"));
        File.WriteAllText($"{root.Paths.VolumeData("data")}/file", "x");
        Assert.Equal(ContainerErrorKind.AlreadyExists, Assert.Throws<ContainerException>(() => store.Rename("data", "taken")).Kind);
        Assert.Equal(ContainerErrorKind.NotFound, Assert.Throws<ContainerException>(() => store.Rename("nothing", "other")).Kind);
        store.Rename("data", "other");
        Assert.Equal("x", File.ReadAllText($"{root.Paths.VolumeData("other")}/file"));
        Assert.Equal(["other", "taken"], store.List().Select(volume => volume.Name));
        Assert.False(Directory.Exists(root.Paths.Volume("data")));
    }

    [Fact]
    public void A_killed_removal_is_finished()
    {
        using TestRoot root = Root();
        new VolumeStore(root.Paths, root.Database).Create(Volume("data"));
        File.WriteAllText($"{root.Paths.VolumeData("data")}/file", "x");
        Claim(root, "data", NoPid, 1, VolumeClaim.Remove);
        using ContainerEngine engine = ContainerEngine.Open(root.Paths, null);
        Assert.Empty(engine.Volumes.List());
        Assert.False(Directory.Exists(root.Paths.Volume("data")));
    }

    [Fact]
    public void A_removal_that_was_killed_between_two_folders_is_finished()
    {
        using TestRoot root = Root();
        new VolumeStore(root.Paths, root.Database).Create(Volume("data"));
        Directory.Delete(root.Paths.VolumeData("data"));
        Claim(root, "data", NoPid, 1, VolumeClaim.Remove);
        using ContainerEngine engine = ContainerEngine.Open(root.Paths, null);
        Assert.Empty(engine.Volumes.List());
        Assert.False(Directory.Exists(root.Paths.Volume("data")));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_killed_renaming_is_finished(bool folderMoved)
    {
        using TestRoot root = Root();
        new VolumeStore(root.Paths, root.Database).Create(Volume("data"));
        File.WriteAllText($"{root.Paths.VolumeData("data")}/file", "x");
        root.Database.Run($"UPDATE volumes SET name = 'other', moved_from = 'data', claim_pid = {NoPid}, claim_start = 1, claim_purpose = 'rename'");
        if (folderMoved)
            Directory.Move(root.Paths.Volume("data"), root.Paths.Volume("other"));
        using ContainerEngine engine = ContainerEngine.Open(root.Paths, null);
        engine.Volumes.Create(Volume("data"));
        Assert.Equal("x", File.ReadAllText($"{root.Paths.VolumeData("other")}/file"));
        Assert.Empty(Directory.EnumerateFileSystemEntries(root.Paths.VolumeData("data")));
        Assert.All(engine.Volumes.List(), volume => Assert.Null(volume.Claim));
    }

    [Fact]
    public void A_name_that_a_folder_still_has_is_not_given_away()
    {
        using TestRoot root = Root();
        VolumeStore store = new(root.Paths, root.Database);
        store.Create(Volume("data"));
        File.WriteAllText($"{root.Paths.VolumeData("data")}/file", "x");
        root.Database.Run($"UPDATE volumes SET name = 'other', moved_from = 'data', claim_pid = {NoPid}, claim_start = 1, claim_purpose = 'rename'");
        store.Create(Volume("data"));
        Assert.Empty(Directory.EnumerateFileSystemEntries(root.Paths.VolumeData("data")));
        Assert.Equal("x", File.ReadAllText($"{root.Paths.VolumeData("other")}/file"));
    }

    [Fact]
    public void A_half_copied_volume_is_empty_again()
    {
        using TestRoot root = Root();
        new VolumeStore(root.Paths, root.Database).Create(Volume("data"));
        Directory.CreateDirectory($"{root.Paths.Volume("data")}/.rundlet-staging/half");
        Claim(root, "data", NoPid, 1, VolumeClaim.Fill);
        using ContainerEngine engine = ContainerEngine.Open(root.Paths, null);
        Assert.Empty(Directory.EnumerateFileSystemEntries(root.Paths.VolumeData("data")));
        Assert.Equal(["_data"], Directory.EnumerateFileSystemEntries(root.Paths.Volume("data")).Select(Path.GetFileName));
        Assert.Null(engine.Volumes.Get("data").Claim);
    }

    [Fact]
    public void A_volume_whose_files_were_all_copied_and_half_moved_gets_the_rest()
    {
        using TestRoot root = Root();
        new VolumeStore(root.Paths, root.Database).Create(Volume("data"));
        string staged = $"{root.Paths.Volume("data")}/.rundlet-staged", data = root.Paths.VolumeData("data");
        Directory.CreateDirectory($"{staged}/folder/below");
        File.WriteAllText($"{staged}/folder/below/file", "late");
        File.WriteAllText($"{staged}/second", "2");
        File.SetUnixFileMode(staged, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        Directory.CreateDirectory($"{data}/folder");
        File.WriteAllText($"{data}/first", "1");
        Claim(root, "data", NoPid, 1, VolumeClaim.Fill);
        ContainerEngine.Open(root.Paths, null).Dispose();
        Assert.Equal(["first", "folder", "second"], Directory.EnumerateFileSystemEntries(data).Select(Path.GetFileName).Order());
        Assert.Equal("late", File.ReadAllText($"{data}/folder/below/file"));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserExecute, File.GetUnixFileMode(data));
        Assert.False(Directory.Exists(staged));
    }

    [Fact]
    public void What_moves_into_a_volume_replaces_links_and_never_follows_them()
    {
        using TestRoot root = Root();
        VolumeStore store = new(root.Paths, root.Database);
        store.Create(Volume("data"));
        string canary = $"{root.Paths.Root}/canary", data = root.Paths.VolumeData("data");
        Directory.CreateDirectory(canary);
        File.WriteAllText($"{canary}/file", "host");
        Directory.CreateSymbolicLink($"{data}/folder", canary);
        File.CreateSymbolicLink($"{data}/file", $"{canary}/file");
        Directory.CreateDirectory($"{data}/was/folder");
        using OwnedFd folder = store.OpenFolder("data"), files = store.OpenData("data");
        VolumeStage.Apply(folder.Value, files.Value, stage =>
        {
            string path = $"/proc/self/fd/{stage.Value}";
            Directory.CreateDirectory($"{path}/folder");
            File.WriteAllText($"{path}/folder/file", "new");
            File.WriteAllText($"{path}/file", "new");
            File.WriteAllText($"{path}/was", "now a file");
        }, durable: false);
        Assert.Equal("host", File.ReadAllText($"{canary}/file"));
        Assert.Equal("new", File.ReadAllText($"{data}/folder/file"));
        Assert.Null(File.ResolveLinkTarget($"{data}/file", false));
        Assert.Equal("now a file", File.ReadAllText($"{data}/was"));
    }

    [Fact]
    public void What_cannot_be_copied_leaves_the_volume_as_it_was()
    {
        using TestRoot root = Root();
        VolumeStore store = new(root.Paths, root.Database);
        store.Create(Volume("data"));
        using OwnedFd folder = store.OpenFolder("data"), files = store.OpenData("data");
        Assert.Throws<LinuxException>(() => VolumeStage.Apply(folder.Value, files.Value, stage =>
        {
            File.WriteAllText($"/proc/self/fd/{stage.Value}/half", "x");
            throw new LinuxException(Errno.ENOSPC, "write", "half");
        }, durable: false));
        Assert.Empty(Directory.EnumerateFileSystemEntries(root.Paths.VolumeData("data")));
        Assert.Equal(["_data"], Directory.EnumerateFileSystemEntries(root.Paths.Volume("data")).Select(Path.GetFileName));
    }

    private static TestRoot Root()
    {
        if (Sys.geteuid() != 0)
            Assert.Skip("needs root");
        return new TestRoot();
    }

    private static VolumeRecord Volume(string name) => new() { Name = name, Created = DateTimeOffset.FromUnixTimeMilliseconds(1_000) };

    private static VolumeUse Anonymous(char digit) => new(Volume(new string(digit, 64)) with { IsAnonymous = true }, true);

    private static void Claim(TestRoot root, string name, int pid, long start, string purpose) =>
        root.Database.Run($"UPDATE volumes SET claim_pid = {pid}, claim_start = {start}, claim_purpose = '{purpose}' WHERE name = '{name}'");
}
