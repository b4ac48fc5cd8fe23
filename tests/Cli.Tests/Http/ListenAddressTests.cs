using System.Text;
using Rundlet.Cli.Http;
using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Cli.Tests.Http;

public sealed class ListenAddressTests
{
    [Theory]
    [InlineData("127.0.0.1:9323", null, "127.0.0.1:9323")]
    [InlineData("0.0.0.0:0", null, "0.0.0.0:0")]
    [InlineData("[::1]:9323", null, "[::1]:9323")]
    [InlineData("localhost:80", null, "127.0.0.1:80")]
    [InlineData("unix:/run/a.sock", "/run/a.sock", null)]
    [InlineData("unix:///run/a.sock", "/run/a.sock", null)]
    [InlineData("fd://", null, null)]
    public void Addresses_are_read(string text, string? path, string? endPoint)
    {
        ListenAddress address = ListenAddress.Parse(text);
        Assert.Equal((path, endPoint), (address.Path, address.EndPoint?.ToString()));
    }

    [Theory]
    [InlineData("")]
    [InlineData("9323")]
    [InlineData(":9323")]
    [InlineData("127.0.0.1")]
    [InlineData("127.0.0.1:")]
    [InlineData("127.0.0.1:70000")]
    [InlineData("127.0.0.1:-1")]
    [InlineData("127.1:80")]
    [InlineData("::1:80")]
    [InlineData("[127.0.0.1:80")]
    [InlineData("example.com:80")]
    [InlineData("unix:relative")]
    [InlineData("unix:")]
    [InlineData("http://127.0.0.1:80")]
    public void What_is_none_is_refused_with_what_to_write(string text)
    {
        ContainerException refused = Assert.Throws<ContainerException>(() => ListenAddress.Parse(text));
        Assert.Equal((ContainerErrorKind.InvalidArgument, $"invalid address '{text}'"), (refused.Kind, refused.Message));
        Assert.NotNull(refused.Hint);
    }

    [Fact]
    public void A_socket_at_a_path_is_its_owner_s_alone_and_goes_with_its_server()
    {
        using Folder folder = new();
        string path = $"{folder.Path}/metrics.sock";
        using (ListenSocket socket = ListenSocket.Open(new ListenAddress(path, null)))
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
            ContainerException taken = Assert.Throws<ContainerException>(() => ListenSocket.Open(new ListenAddress(path, null)));
            Assert.Equal((ContainerErrorKind.Conflict, $"somebody listens at '{path}' already"), (taken.Kind, taken.Message));
        }
        Assert.False(File.Exists(path));
    }

    [Fact]
    public void What_a_killed_server_left_is_taken_away_and_nothing_else()
    {
        using Folder folder = new();
        string path = $"{folder.Path}/metrics.sock";
        LeaveSocket(path);
        ListenSocket.Open(new ListenAddress(path, null)).Dispose();
        File.WriteAllText(path, "precious");
        Assert.Equal(ContainerErrorKind.AlreadyExists, Assert.Throws<ContainerException>(() => ListenSocket.Open(new ListenAddress(path, null))).Kind);
        Assert.Equal("precious", File.ReadAllText(path));
    }

    [Fact]
    public void A_port_that_is_taken_is_a_conflict()
    {
        using ListenSocket first = ListenSocket.Open(ListenAddress.Parse("127.0.0.1:0"));
        string place = first.Place["http://".Length..];
        Assert.DoesNotContain(":0", place[^2..]);
        Assert.Equal($"somebody listens at '{place}' already", Assert.Throws<ContainerException>(() => ListenSocket.Open(ListenAddress.Parse(place))).Message);
    }

    // By the system call: the socket's file stays, and nobody listens.
    private static void LeaveSocket(string path)
    {
        byte[] address = new byte[110];
        address[0] = 1;
        Encoding.ASCII.GetBytes(path).CopyTo(address, 2);
        using OwnedFd fd = OwnedFd.FromAnswer(Sys.socket(AF.UNIX, SOCK.STREAM, 0), "socket");
        Assert.Equal(0, Sys.bind(fd.Value, address));
    }

    private sealed class Folder : IDisposable
    {
        public string Path { get; } = Directory.CreateTempSubdirectory("rundlet-listen-").FullName;

        public void Dispose() => Directory.Delete(Path, recursive: true);
    }
}
