using Rundlet.Linux;
using Rundlet.Runtime.State;
using Rundlet.Syscalls;

namespace Rundlet.Runtime.Tests;

public sealed class StateStoreTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("rundlet-store-").FullName;
    private readonly StateStore _store;

    public StateStoreTests() => _store = new StateStore(Root);

    private string Root => $"{_folder}/deep/root";

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_root_is_made_with_the_first_container_for_its_owner_only()
    {
        Assert.Empty(_store.List());
        Assert.False(Directory.Exists(Root));
        using ContainerFolder folder = _store.Create("web");
        Assert.Equal(["web"], _store.List());
        const UnixFileMode mine = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        Assert.Equal(mine, File.GetUnixFileMode(Root));
        Assert.Equal(mine, File.GetUnixFileMode($"{Root}/web"));
    }

    [Fact]
    public void Ids_are_listed_in_order()
    {
        foreach (string id in new[] { "b", "a", "C" })
            Make(id);
        Assert.Equal(["C", "a", "b"], _store.List());
    }

    [Theory]
    [InlineData("..")]
    [InlineData("a/b")]
    [InlineData("")]
    public void A_bad_id_never_reaches_the_file_system(string id)
    {
        Assert.Equal(ContainerErrorKind.InvalidArgument, Assert.Throws<ContainerException>(() => _store.Create(id)).Kind);
        Assert.Equal(ContainerErrorKind.InvalidArgument, Assert.Throws<ContainerException>(() => _store.Open(id)).Kind);
        Assert.Equal(ContainerErrorKind.InvalidArgument, Assert.Throws<ContainerException>(() => _store.OpenUnlocked(id)).Kind);
        Assert.False(Directory.Exists(Root));
    }

    [Fact]
    public void A_container_that_is_not_there_is_not_found()
    {
        Assert.Equal(ContainerErrorKind.NotFound, Assert.Throws<ContainerException>(() => _store.Open("web")).Kind); // no root yet
        Make("other");
        ContainerException missing = Assert.Throws<ContainerException>(() => _store.OpenUnlocked("web"));
        Assert.Equal(ContainerErrorKind.NotFound, missing.Kind);
        Assert.Equal("container does not exist: 'web'", missing.Message);
    }

    [Fact]
    public void An_id_is_given_once()
    {
        Make("web");
        ContainerException taken = Assert.Throws<ContainerException>(() => _store.Create("web"));
        Assert.Equal(ContainerErrorKind.AlreadyExists, taken.Kind);
        Assert.Equal("container with given ID already exists: 'web'", taken.Message);
    }

    [Fact]
    public void An_id_that_is_being_created_is_taken()
    {
        using ContainerFolder creator = _store.Create("web");
        Assert.False(creator.HasState);
        Assert.Equal(ContainerErrorKind.AlreadyExists, Assert.Throws<ContainerException>(() => _store.Create("web")).Kind);
    }

    [Fact]
    public void What_a_killed_create_left_is_taken_over()
    {
        using (ContainerFolder killed = _store.Create("web"))
        {
            killed.SaveConfig("{}"u8);
            using OwnedFd pipe = killed.MakePipe(ContainerFolder.GoPipe);
        }
        using ContainerFolder next = _store.Create("web");
        Assert.False(next.HasState);
        using OwnedFd again = next.MakePipe(ContainerFolder.GoPipe);
        next.Save(new SavedState { Id = "web" });
        Assert.True(next.HasState);
    }

    [Fact]
    public void Of_many_creators_of_one_id_exactly_one_wins()
    {
        for (int round = 0; round < 50; round++)
        {
            string id = $"race{round}";
            int won = 0, lost = 0;
            Parallel.For(0, 4, new ParallelOptions { MaxDegreeOfParallelism = 4 }, _ =>
            {
                try
                {
                    using ContainerFolder folder = _store.Create(id);
                    folder.Save(new SavedState { Id = id });
                    Interlocked.Increment(ref won);
                }
                catch (ContainerException taken) when (taken.Kind == ContainerErrorKind.AlreadyExists)
                {
                    Interlocked.Increment(ref lost);
                }
            });
            Assert.Equal((1, 3), (won, lost));
        }
    }

    [Fact]
    public void Create_and_remove_of_one_id_in_many_threads_never_break()
    {
        int made = 0;
        Parallel.For(0, 200, new ParallelOptions { MaxDegreeOfParallelism = 4 }, _ =>
        {
            try
            {
                using ContainerFolder folder = _store.Create("web");
                Assert.True(folder.Exists);
                folder.Save(new SavedState { Id = "web" });
                folder.Remove();
                Interlocked.Increment(ref made);
            }
            catch (ContainerException taken) when (taken.Kind == ContainerErrorKind.AlreadyExists)
            {
            }
        });
        Assert.True(made > 0);
        Assert.Empty(_store.List());
    }

    [Fact]
    public void The_lock_is_seen_from_elsewhere_and_ends_with_its_holder()
    {
        using ContainerFolder looker = Looker();
        using (ContainerFolder holder = _store.Open("web"))
        {
            Assert.False(looker.TryLockElsewhere());
            Assert.False(looker.TryLock());
            Assert.True(holder.TryLockElsewhere());
        }
        Assert.True(looker.TryLockElsewhere());
        Assert.True(looker.TryLock());
    }

    [Fact]
    public async Task Opening_waits_for_the_lock_and_then_sees_that_the_container_is_gone()
    {
        Make("web");
        ContainerFolder holder = _store.Open("web");
        Task<ContainerErrorKind?> waiter = Task.Run(() =>
        {
            try
            {
                using ContainerFolder late = _store.Open("web");
                return (ContainerErrorKind?)null;
            }
            catch (ContainerException gone)
            {
                return gone.Kind;
            }
        });
        holder.Remove();
        holder.Dispose();
        Assert.Equal(ContainerErrorKind.NotFound, await waiter.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken));
    }

    [Fact]
    public void State_and_config_are_kept_as_they_are()
    {
        using ContainerFolder folder = _store.Create("web");
        byte[] config = "{ \"ociVersion\" :\n \"1.3.0\" }"u8.ToArray();
        folder.SaveConfig(config);
        Assert.Equal(config, folder.LoadConfig());
        Assert.Null(folder.Load());
        folder.Save(new SavedState { Id = "web", Pid = 5 });
        Assert.Equal(5, folder.Load()!.Pid);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode($"{Root}/web/state.json"));
    }

    [Fact]
    public void Removing_takes_temporary_files_of_killed_commands_along()
    {
        using ContainerFolder folder = _store.Create("web");
        folder.Save(new SavedState { Id = "web" });
        using (folder.MakePipe(ContainerFolder.GoPipe))
        using (folder.MakePipe(ContainerFolder.ResultPipe))
        {
            File.WriteAllText($"{Root}/web/.state.json.123.123.tmp", "half");
            folder.Remove();
        }
        Assert.False(folder.Exists);
        Assert.Empty(_store.List());
    }

    [Fact]
    public void A_container_awaits_its_start_as_long_as_somebody_listens()
    {
        using ContainerFolder folder = _store.Create("web");
        Assert.False(folder.AwaitsStart);
        using (folder.MakePipe(ContainerFolder.GoPipe))
            Assert.True(folder.AwaitsStart);
        // A start that was killed after its byte leaves the pipe, but the program runs.
        Assert.False(folder.AwaitsStart);
    }

    private void Make(string id)
    {
        using ContainerFolder folder = _store.Create(id);
        folder.Save(new SavedState { Id = id });
    }

    private ContainerFolder Looker()
    {
        Make("web");
        return _store.OpenUnlocked("web");
    }
}
