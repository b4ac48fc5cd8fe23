using System.Text.Json.Nodes;

namespace Rundlet.Runcs.Tests.Weaknesses;

/// <summary>Supplementary groups of the caller stay, or the container's own are lost (CVE-2022-2989, CVE-2022-2990, CVE-2022-2995, CVE-2022-36109, CVE-2023-25173).</summary>
public sealed class GroupTests : ContainerTest
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Groups_of_the_caller_never_reach_a_container(bool annotated)
    {
        TestContainer container = Container().Script("grep ^Groups: /proc/self/status | tr -d '\\t '");
        // An annotation comes from whoever wrote the image or the pod: it opens nothing.
        if (annotated)
            container.Spec["annotations"] = new JsonObject { ["run.oci.keep_original_groups"] = "1" };
        container.Save();
        using BoundedProcess run = BoundedProcess.Start($"{Scratch}/run",
            ["setpriv", "--groups", "4242,4243", RuntimeProgram.Path, "--root", container.StateRoot, "run", "-b", container.Bundle, container.Id]);
        Assert.Equal(["Groups:"], run.Wait().Good().Lines);
    }

    [Fact]
    public void Groups_of_the_caller_never_reach_an_exec()
    {
        TestContainer container = Container().Script("exec sleep 1000").Up();
        using BoundedProcess exec = BoundedProcess.Start($"{Scratch}/exec",
            ["setpriv", "--groups", "4242,4243", RuntimeProgram.Path, "--root", container.StateRoot, "exec", container.Id, "/bin/sh", "-c", "grep ^Groups: /proc/self/status | tr -d '\\t '"]);
        Assert.Equal(["Groups:"], exec.Wait().Good().Lines);
    }
}
