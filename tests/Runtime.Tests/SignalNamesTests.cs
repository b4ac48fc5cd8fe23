using Rundlet.Linux;

namespace Rundlet.Runtime.Tests;

public sealed class SignalNamesTests
{
    [Theory]
    [InlineData("9", 9)]
    [InlineData("KILL", 9)]
    [InlineData("SIGKILL", 9)]
    [InlineData("sigkill", 9)]
    [InlineData("term", 15)]
    [InlineData("HUP", 1)]
    [InlineData("SIGSYS", 31)]
    [InlineData("IOT", 6)]
    [InlineData("CLD", 17)]
    [InlineData("POLL", 29)]
    [InlineData("1", 1)]
    [InlineData("64", 64)]
    [InlineData("RTMIN", 34)]
    [InlineData("SIGRTMIN+3", 37)]
    [InlineData("RTMAX", 64)]
    [InlineData("rtmax-14", 50)]
    public void A_signal_by_name_or_number(string text, int signal) => Assert.Equal(signal, SignalNames.Parse(text));

    [Theory]
    [InlineData("")]
    [InlineData("SIG")]
    [InlineData("0")]
    [InlineData("65")]
    [InlineData("-1")]
    [InlineData("NOPE")]
    [InlineData("SIGSIGKILL")]
    [InlineData("RTMIN+31")]
    [InlineData("RTMIN+-1")]
    [InlineData("RTMAX-31")]
    [InlineData("99999999999999999999")]
    public void No_signal(string text)
    {
        ContainerException refused = Assert.Throws<ContainerException>(() => SignalNames.Parse(text));
        Assert.Equal(ContainerErrorKind.InvalidArgument, refused.Kind);
        Assert.StartsWith("unknown signal", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Names_and_numbers_go_both_ways()
    {
        for (int signal = 1; signal <= 31; signal++)
            Assert.Equal(signal, SignalNames.Parse(SignalNames.NameOf(signal)));
        Assert.Equal("signal 40", SignalNames.NameOf(40));
        Assert.Equal("signal 0", SignalNames.NameOf(0));
    }
}
