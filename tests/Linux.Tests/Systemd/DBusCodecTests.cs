using Rundlet.Linux.Systemd;
using Rundlet.Syscalls;

namespace Rundlet.Linux.Tests.Systemd;

public class DBusCodecTests
{
    public static TheoryData<DBusValue, string> Values => new()
    {
        { DBusValue.Fixed('y', 7), "07" },
        { DBusValue.Boolean(true), "01000000" },
        { DBusValue.Fixed('n', unchecked((ulong)-2)), "FEFF" },
        { DBusValue.UInt32(258), "02010000" },
        { DBusValue.UInt64(ulong.MaxValue), "FFFFFFFFFFFFFFFF" },
        { DBusValue.String("abc"), "0300000061626300" },
        { DBusValue.OfText('g', "as"), "02617300" },
        { DBusValue.Bytes([1, 2]), "020000000102" },
        { DBusValue.Array("u", [DBusValue.UInt32(1)]), "0400000001000000" },
        { DBusValue.Array("(sv)", []), "0000000000000000" }, // the padding of the first element is there without one
        { DBusValue.Array("t", [DBusValue.UInt64(1)]), "08000000000000000100000000000000" },
        { DBusValue.Variant(DBusValue.UInt32(5)), "0175000005000000" },
        { DBusValue.Struct(DBusValue.String("a"), DBusValue.Variant(DBusValue.UInt64(1))), "01000000610001740000000000000000" + "0100000000000000" },
    };

    [Theory]
    [MemberData(nameof(Values))]
    public void A_value_becomes_these_bytes(DBusValue value, string hex)
    {
        var writer = new DBusWriter();
        writer.Write(value);
        Assert.Equal(hex, Convert.ToHexString(writer.Written));
    }

    [Fact]
    public void A_call_is_read_back_as_it_was()
    {
        byte[] bytes = DBusMessage.Call(9, "org.x", "/org/x", "org.x.Y", "Do", [DBusValue.String("unit"), DBusValue.UInt32(3)]);
        Assert.Equal("6C010001", Convert.ToHexString(bytes.AsSpan(0, 4)));
        Assert.Equal(bytes.Length, DBusMessage.LengthOf(bytes));
        DBusMessage message = DBusMessage.Parse(bytes);
        Assert.Equal((DBusMessageType.Call, "/org/x", "org.x.Y", "Do", "su"), (message.Type, message.Path, message.Interface, message.Member, message.Signature));
        var body = new DBusReader(message.Body);
        Assert.Equal("unit", body.Text());
        Assert.Equal(3u, body.UInt32());
        Assert.True(body.IsAtEnd);
    }

    [Fact]
    public void Bytes_that_are_no_message_are_refused_and_never_read_past()
    {
        byte[] good = DBusMessage.Call(1, "org.freedesktop.systemd1", "/org/freedesktop/systemd1", "org.freedesktop.systemd1.Manager", "StopUnit", [DBusValue.String("a.scope"), DBusValue.String("replace")]);
        var random = new Random(20);
        for (int i = 0; i < 20_000; i++)
        {
            byte[] bytes = good[..random.Next(good.Length + 1)];
            for (int flips = random.Next(6); flips > 0 && bytes.Length > 0; flips--)
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            try
            {
                DBusMessage message = DBusMessage.Parse(bytes);
                _ = new DBusReader(message.Body).Text(); // ignored: that it ends is what is asked
            }
            catch (LinuxException refused)
            {
                Assert.Equal(Errno.EBADMSG, refused.Errno);
            }
        }
    }

    [Theory]
    [InlineData("unix:path=/run/user/1000/bus", "/run/user/1000/bus")]
    [InlineData("unix:path=/run/a%2fb,guid=0123;unix:path=/other", "/run/a/b")]
    [InlineData("tcp:host=localhost;unix:abstract=/tmp/x", "@/tmp/x")]
    [InlineData("unixexec:path=ssh", null)]
    [InlineData("", null)]
    [InlineData(null, null)]
    public void The_socket_of_an_address_is_found(string? addresses, string? path) => Assert.Equal(path, SystemdManager.PathIn(addresses));
}
