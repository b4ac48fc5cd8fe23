using System.Text.Json.Nodes;
using Rundlet.Syscalls;

namespace Rundlet.Runcs.Tests;

/// <summary>Id-mapped mounts: with mappings of their own and with those of the container's user namespace.</summary>
public sealed class IdMapTests : ContainerTest
{
    public IdMapTests() => RuntimeProgram.SkipUnlessOurs("runc 1.1 has no id-mapped mounts");

    [Theory]
    [InlineData("idmap")]
    [InlineData("")]
    [SpecRow("mounts.uidMappings", "mounts.gidMappings", "mounts.options.idmap")]
    public void A_bind_with_mappings_shows_files_with_mapped_owners_and_stores_them_back(string word)
    {
        Own($"{Scratch}/file", 7, 8);
        TestContainer container = Mapped("/m", "none", Scratch, 0, 1000, 100, ["bind", word]).Script("stat -c %u:%g /m/file; stat -c %u:%g /m; touch /m/new; id -u");
        User(container, 1003);
        LinuxException.ThrowIfError(Sys.fchmodat(Sys.AT_FDCWD, Scratch, 0x1FF), "chmod");
        Assert.Equal(["1007:1008", "1000:1000", "1003"], container.Output().Split('\n'));
        Assert.Equal((3u, 3u), OwnerOf($"{Scratch}/new"));
    }

    [Fact]
    [SpecRow("mounts.options.idmap")]
    public void Without_mappings_the_containers_user_namespace_is_the_mapping()
    {
        Own($"{Scratch}/file", 7, 8);
        TestContainer container = Container().UserNamespace().Mount("/m", "none", Scratch, "bind", "idmap").Mount("/plain", "none", Scratch, "bind")
            .Script("stat -c %u:%g /m/file /plain/file; touch /m/new");
        Assert.Equal(["7:8", "65534:65534"], container.Output().Split('\n'));
        Assert.Equal((0u, 0u), OwnerOf($"{Scratch}/new"));
    }

    [Fact]
    [SpecRow("mounts.options.idmap")]
    public void A_user_namespace_that_is_joined_is_the_mapping_too()
    {
        TestContainer first = Container().UserNamespace().Script("sleep 1000").Up();
        Own($"{Scratch}/file", 7, 8);
        TestContainer second = Container().UserNamespace().Mount("/m", "none", Scratch, "bind", "idmap").Script("stat -c %u:%g /m/file");
        second.Namespace("user", $"/proc/{first.Pid()}/ns/user");
        second.Mounts.RemoveAt(0); // a procfs needs a pid namespace of that user namespace too
        second.LinuxPart.Remove("uidMappings");
        second.LinuxPart.Remove("gidMappings");
        Assert.Equal("7:8", second.Output());
    }

    [Theory]
    [InlineData("idmap", "0:0")]
    [InlineData("ridmap", "1000:1000")]
    [SpecRow("mounts.options.idmap", "mounts.options.ridmap")]
    public void Only_ridmap_maps_what_is_mounted_beneath(string word, string beneath)
    {
        using HostMount top = HostMount.Bind($"{Scratch}/top");
        using HostMount inner = HostMount.Bind($"{Scratch}/top/inner");
        Assert.Equal($"1000:1000\n{beneath}", Mapped("/m", "none", top.Path, 0, 1000, 1000, ["rbind", word]).Script("stat -c %u:%g /m /m/inner").Output());
    }

    [Fact]
    [SpecRow("mounts.uidMappings")]
    public void A_new_file_system_may_be_mapped()
    {
        if (Environment.OSVersion.Version < new Version(6, 3))
            Assert.Skip("Linux before 6.3 cannot map the ids of a tmpfs");
        TestContainer container = Mapped("/m", "tmpfs", "tmpfs", 0, 1000, 65536, ["idmap", "mode=777"]).Script("stat -c %u:%g /m; touch /m/x; stat -c %u:%g /m/x");
        User(container, 1003);
        Assert.Equal(["1000:1000", "1003:1003"], container.Output().Split('\n'));
    }

    [Fact]
    [SpecRow("mounts.uidMappings")]
    public void A_new_file_system_of_a_user_namespace_cannot_be_mapped_and_that_is_said()
    {
        TestContainer container = Container().UserNamespace();
        Mount(container, "/m", "tmpfs", "tmpfs", 0, 100000, 65536, ["idmap"]);
        container.Run().Refused(1, "only bind mounts");
    }

    [Fact]
    [SpecRow("mounts.options.idmap")]
    public void No_mapping_at_all_is_an_error() => Container().Mount("/m", "none", Scratch, "bind", "idmap").Run().Refused(1, "user namespace");

    [Fact]
    [SpecRow("mounts.uidMappings", "mounts.gidMappings")]
    public void One_mapping_without_the_other_is_an_error()
    {
        TestContainer container = Mapped("/m", "none", Scratch, 0, 1000, 1, ["bind"]);
        container.Mounts[^1]!.AsObject().Remove("gidMappings");
        container.Run().Refused(1, "/m");
    }

    [Fact]
    [SpecRow("mounts.options.idmap")]
    public void A_file_system_that_the_kernel_cannot_map_is_named() =>
        Mapped("/m", "none", "/proc/sys", 0, 1000, 1, ["bind"]).Run().Refused(1, "file system of type 'proc'");

    [Fact]
    [SpecRow("mounts.uidMappings")]
    public void An_impossible_mapping_is_refused() => Mapped("/m", "none", Scratch, 0, 1000, 0, ["bind"]).Run().Refused(1, "/m");

    [Fact]
    [SpecRow("mounts.uidMappings")]
    public void Many_mounts_with_one_mapping_leave_no_process_behind()
    {
        TestContainer container = Container().Script("stat -c %u /m/*/file | sort -u");
        Own($"{Scratch}/file", 7, 7);
        for (int i = 0; i < 20; i++)
            Mount(container, $"/m/{i}", "none", Scratch, 0, 1000, 100, ["bind"]);
        Assert.Equal("1007", container.Output());
    }

    [Theory]
    [InlineData("idmap=uids=0-1000-100#200-5000-1;gids=0-2000-100", "1007:2008", "1000:2000")]
    [InlineData("idmap=gids=0-2000-100;uids=7-7-1#0-1000-7", "7:2008", "1000:2000")]
    [SpecRow("mounts.options.idmap")]
    public void Mappings_may_stand_in_the_option_as_crun_has_them(string option, string file, string folder)
    {
        Own($"{Scratch}/file", 7, 8);
        Assert.Equal([file, folder], Container().Mount("/m", "none", Scratch, "bind", option).Script("stat -c %u:%g /m/file /m").Output().Split('\n'));
    }

    [Theory]
    [InlineData("idmap=uids=0-1000-10;gids=0-1000-10", "0:0")]
    [InlineData("ridmap=uids=0-1000-10;gids=0-1000-10", "1000:1000")]
    [SpecRow("mounts.options.ridmap")]
    public void Only_ridmap_maps_what_is_mounted_beneath_with_such_mappings_too(string option, string beneath)
    {
        using HostMount top = HostMount.Bind($"{Scratch}/top");
        using HostMount inner = HostMount.Bind($"{Scratch}/top/inner");
        Assert.Equal($"1000:1000\n{beneath}", Container().Mount("/m", "none", top.Path, "rbind", option).Script("stat -c %u:%g /m /m/inner").Output());
    }

    [Fact]
    [SpecRow("mounts.options.idmap")]
    public void Such_mappings_may_be_relative_to_the_containers()
    {
        Own($"{Scratch}/file", 7, 8);
        // Groups are not named, so that they are the container's: 8 of the file system is 8 in there.
        Assert.Equal("1002:8", Container().UserNamespace().Mount("/m", "none", Scratch, "bind", "idmap=uids=@5-1000-10").Script("stat -c %u:%g /m/file").Output());
        Assert.Equal("1003:8", Container().UserNamespace().Mount("/m", "none", Scratch, "bind", "idmap=uids=5-101001-10").Script("stat -c %u:%g /m/file").Output());
    }

    [Theory]
    [InlineData("idmap=uids=0-1000-10", "users and of groups together")]
    [InlineData("idmap=", "neither uids=")]
    [InlineData("idmap=uids=0-1000", "no range")]
    [InlineData("idmap=uids=0-1000-0;gids=0-0-1", "impossible range")]
    [InlineData("idmap=uids=4294967290-0-10;gids=0-0-1", "impossible range")]
    [InlineData("idmap=uids=0-0-1x;gids=0-0-1", "no range")]
    [InlineData("idmap=uids=@0-0-1;gids=@0-0-1", "not within one range of linux.uidMappings")]
    [InlineData("idmap=uids=0-0-1;gids=0-0-1;pids=1", "'pids=1'")]
    [SpecRow("mounts.options.idmap")]
    public void Mappings_that_are_none_are_refused_with_their_mount(string option, string words)
    {
        Finished run = Container().Mount("/m", "none", Scratch, "bind", option).Run();
        run.Refused(1, words);
        Assert.Contains("'/m'", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    [SpecRow("mounts.options.idmap")]
    public void A_range_that_is_more_than_the_containers_is_refused() =>
        Container().UserNamespace().Mount("/m", "none", Scratch, "bind", "idmap=uids=@0-65530-10").Run().Refused(1, "not within one range");

    [Fact]
    [SpecRow("mounts.options.idmap")]
    public void Mappings_in_both_places_are_refused() =>
        Mapped("/m", "none", Scratch, 0, 1000, 10, ["bind", "idmap=uids=0-1-1;gids=0-1-1"]).Run().Refused(1, "one has to go");

    private TestContainer Mapped(string destination, string type, string source, uint inside, uint outside, uint size, string[] options)
    {
        TestContainer container = Container();
        Mount(container, destination, type, source, inside, outside, size, options);
        return container;
    }

    private static void Mount(TestContainer container, string destination, string type, string source, uint inside, uint outside, uint size, string[] options)
    {
        container.Mount(destination, type, source, options);
        JsonObject mount = container.Mounts[^1]!.AsObject();
        mount["uidMappings"] = TestContainer.Mapping(inside, outside, size);
        mount["gidMappings"] = TestContainer.Mapping(inside, outside, size);
    }

    private static void User(TestContainer container, uint id) => container.Process["user"] = new JsonObject { ["uid"] = id, ["gid"] = id };

    private static void Own(string path, uint uid, uint gid)
    {
        File.WriteAllText(path, "");
        LinuxException.ThrowIfError(Sys.fchownat(Sys.AT_FDCWD, path, uid, gid, 0), "chown", path);
    }

    private static (uint Uid, uint Gid) OwnerOf(string path)
    {
        LinuxException.ThrowIfError(Sys.statx(Sys.AT_FDCWD, path, 0, STATX.UID | STATX.GID, out statx_t file), "stat", path);
        return (file.stx_uid, file.stx_gid);
    }
}
