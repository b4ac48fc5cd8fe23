using System.Text;
using System.Text.Json.Nodes;

namespace Rundlet.Runcs.Tests.Weaknesses;

/// <summary>
/// One document that two readers read differently: members that stand twice, names that are not UTF-8, nesting that no parser survives. And
/// paths of the spec that block whoever opens them.
/// </summary>
public sealed class DocumentTests : ContainerTest
{
    [Fact]
    public void A_member_that_stands_twice_is_refused()
    {
        TestContainer container = Container().Args("/bin/id", "-u");
        string text = container.Spec.ToJsonString().Replace("\"user\":{\"uid\":0,\"gid\":0}", "\"user\":{\"uid\":1000,\"gid\":1000},\"user\":{\"uid\":0,\"gid\":0}", StringComparison.Ordinal);
        Assert.Contains("1000", text, StringComparison.Ordinal);
        Finished run = Run(container, Encoding.UTF8.GetBytes(text));
        Assert.Equal("", run.Output);
        Assert.NotEqual(0, run.Status);
    }

    [Fact]
    public void A_path_that_is_not_utf8_is_refused_and_not_changed()
    {
        TestContainer container = Container().Mount("/mnt/QQQ", "tmpfs", "tmpfs").Script("ls /mnt");
        byte[] text = Encoding.UTF8.GetBytes(container.Spec.ToJsonString());
        int at = text.AsSpan().IndexOf("QQQ"u8);
        text[at + 1] = 0xFF;
        Assert.NotEqual(0, Run(container, text).Status);
    }

    [Fact]
    public void Nesting_without_end_is_refused()
    {
        TestContainer container = Container();
        string nested = new string('[', 1_000_000) + new string(']', 1_000_000);
        Finished run = Run(container, Encoding.UTF8.GetBytes(container.Spec.ToJsonString().Replace("{\"ociVersion\"", $"{{\"x\":{nested},\"ociVersion\"", StringComparison.Ordinal)));
        Assert.True(run.Status is > 0 and < 128, $"{run.Status}: {run.Error}");
    }

    [Fact]
    public void A_namespace_that_is_a_pipe_is_refused_and_not_waited_for()
    {
        RuntimeProgram.SkipUnlessOurs("runc waits for a writer");
        using (BoundedProcess mkfifo = BoundedProcess.Start($"{Scratch}/mkfifo", ["mkfifo", $"{Scratch}/pipe"]))
            mkfifo.Wait().Good();
        Assert.NotEqual(0, Container().Namespace("network", $"{Scratch}/pipe").Run().Status);
    }

    private static Finished Run(TestContainer container, byte[] config)
    {
        File.WriteAllBytes($"{container.Bundle}/config.json", config);
        return container.Runtime("run", "-b", container.Bundle, container.Id);
    }
}
