using Rundlet.Images.Users;
using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Images.Tests.Users;

public sealed class ImageUsersTests : IDisposable
{
    private readonly Sandbox _sandbox = new();

    public ImageUsersTests()
    {
        Directory.CreateDirectory($"{_sandbox.Root}/etc");
        Write("passwd", """
            root:x:0:0:root:/root:/bin/sh
            web:x:33:34:www:/var/www:/bin/false
            1000:x:0:0:looks like a number:/root:/bin/sh
            far:x:4294967295:0:wraps:/:/bin/sh
            farther:x:4294967296:0:wraps:/:/bin/sh
            nohome:x:50:51::relative:/bin/sh
            broken:x:1
            """);
        Write("group", """
            root:x:0:
            www:x:34:web
            extra:x:60:other,web
            again:x:60:web
            none:x:4294967295:web
            """);
    }

    private ResolvedUser Resolve(string user) => ImageUsers.Resolve(new FolderRootFiles(_sandbox.RootFd.Value), user);

    [Theory]
    [InlineData("", 0, 0, "/root", "")]
    [InlineData("root", 0, 0, "/root", "")]
    [InlineData("web", 33, 34, "/var/www", "60")]
    [InlineData("33", 33, 34, "/var/www", "60")]
    [InlineData("web:extra", 33, 60, "/var/www", "")]
    [InlineData("web:0", 33, 0, "/var/www", "")]
    [InlineData("1000", 1000, 0, "/", "")]
    [InlineData("1000:1000", 1000, 1000, "/", "")]
    [InlineData("00033", 33, 34, "/var/www", "60")]
    [InlineData("4294967294", 4294967294, 0, "/", "")]
    [InlineData("nohome", 50, 51, "/", "")]
    [InlineData(":extra", 0, 60, "/root", "")]
    public void A_user_is_found_by_name_or_number(string user, uint uid, uint gid, string home, string additional)
    {
        ResolvedUser found = Resolve(user);
        Assert.Equal((uid, gid, home, additional), (found.Uid, found.Gid, found.Home, string.Join(',', found.AdditionalGids)));
    }

    [Theory]
    [InlineData("4294967295", "out of range")]
    [InlineData("4294967296", "out of range")]
    [InlineData("99999999999999999999999", "out of range")]
    [InlineData("0:4294967295", "out of range")]
    [InlineData("-1", "no user '-1'")]
    [InlineData("+33", "no user '+33'")]
    [InlineData("0x21", "no user '0x21'")]
    [InlineData(" 33", "no user ' 33'")]
    [InlineData("far", "no user 'far'")]
    [InlineData("web:missing", "no group 'missing'")]
    [InlineData("a:b:c", "no user 'a'")]
    public void What_names_nobody_is_refused(string user, string reason)
    {
        var error = Assert.Throws<ContainerException>(() => Resolve(user));
        Assert.Equal(ContainerErrorKind.InvalidArgument, error.Kind);
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_slip_of_the_pen_gets_a_hint()
    {
        Assert.Equal("did you mean 'web'", Assert.Throws<ContainerException>(() => Resolve("wev")).Hint);
        Assert.Null(Assert.Throws<ContainerException>(() => Resolve("completely-else")).Hint);
    }

    [Fact]
    public void An_image_without_passwd_knows_numbers_only()
    {
        Directory.Delete($"{_sandbox.Root}/etc", true);
        Assert.Equal((5u, 0u), (Resolve("5").Uid, Resolve("5").Gid));
        Assert.Equal("/", Resolve("").Home);
        Assert.Throws<ContainerException>(() => Resolve("root"));
    }

    [Fact]
    public void A_pipe_a_folder_or_a_huge_file_is_refused_at_once()
    {
        string passwd = $"{_sandbox.Root}/etc/passwd";
        File.Delete(passwd);
        Directory.CreateDirectory(passwd);
        Assert.Contains("not a regular file", Assert.Throws<ContainerException>(() => Resolve("web")).Message, StringComparison.Ordinal);
        Directory.Delete(passwd);
        LinuxException.ThrowIfError(Sys.mknodat(Sys.AT_FDCWD, passwd, S.IFIFO | 0x1b6, 0), "mknod");
        Assert.Contains("not a regular file", Assert.Throws<ContainerException>(() => Resolve("web")).Message, StringComparison.Ordinal);
        File.Delete(passwd);
        using (FileStream huge = File.Create(passwd))
            huge.SetLength(11 << 20);
        Assert.Contains("longer than", Assert.Throws<ContainerException>(() => Resolve("web")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_link_is_followed_inside_the_image_only()
    {
        string passwd = $"{_sandbox.Root}/etc/passwd";
        File.Delete(passwd);
        File.CreateSymbolicLink(passwd, "/../../canary");
        Assert.Throws<ContainerException>(() => Resolve("web"));
        File.WriteAllText($"{_sandbox.Root}/canary", "web:x:7:8::/:\n");
        Assert.Equal(7u, Resolve("web").Uid);
        File.Delete(passwd);
        File.CreateSymbolicLink(passwd, "passwd");
        Assert.Equal(ContainerErrorKind.InvalidArgument, Assert.Throws<ContainerException>(() => Resolve("web")).Kind);
    }

    public void Dispose() => _sandbox.Dispose();

    private void Write(string name, string text) => File.WriteAllText($"{_sandbox.Root}/etc/{name}", text);
}
