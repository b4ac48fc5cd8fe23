namespace Rundlet.Runcs.Tests.Weaknesses;

// What belongs in this folder: one class for each class of published weaknesses. A test plants the attack, looks from outside that a
// canary is as it was, and from inside that the way is shut. eng/weakenings says on which weakened build, or which runtime of the
// distribution, each has been seen to fail: `./dev weakcheck` shows it again.

/// <summary>A descriptor of the host's that the runtime has open is a way out, by the working folder or the program's path (CVE-2024-21626).</summary>
public sealed class DescriptorTests : ContainerTest
{
    [Fact]
    public void No_number_of_a_descriptor_makes_a_working_folder_outside()
    {
        File.WriteAllText($"{Scratch}/canary", "");
        for (int fd = 3; fd < 12; fd++)
        {
            TestContainer container = Container().Script("ls ../../../../../../../.. .");
            container.Process["cwd"] = $"/proc/self/fd/{fd}";
            container.Save();
            Finished run = container.Redirected($"7<{Scratch} 9</", "run", "-b", container.Bundle, container.Id);
            AssertNotOutside(run);
        }
    }

    [Fact]
    public void No_number_of_a_descriptor_makes_a_working_folder_outside_for_exec()
    {
        File.WriteAllText($"{Scratch}/canary", "");
        TestContainer container = Container().Script("exec sleep 1000").Up();
        for (int fd = 3; fd < 12; fd++)
            AssertNotOutside(container.Redirected($"7<{Scratch} 9</", "exec", "--cwd", $"/proc/self/fd/{fd}", container.Id, "/bin/ls", "../../../../../../../..", "."));
    }

    [Fact]
    public void A_link_of_the_image_to_a_descriptor_is_no_way_out()
    {
        File.WriteAllText($"{Scratch}/canary", "");
        TestContainer container = Container().Script("ls .");
        File.CreateSymbolicLink($"{container.Rootfs}/innocent", "/proc/self/fd/7");
        container.Process["cwd"] = "/innocent";
        container.Save();
        AssertNotOutside(container.Redirected($"7<{Scratch}", "run", "-b", container.Bundle, container.Id));
    }

    [Fact]
    public void No_program_outside_is_executed_by_the_path_of_a_descriptor()
    {
        TestRootfs.CopyProgram(TestRootfs.Busybox, $"{Scratch}/echo");
        TestContainer container = Container().Args("/proc/self/fd/7/echo", "canary");
        container.Save();
        AssertNotOutside(container.Redirected($"7<{Scratch}", "run", "-b", container.Bundle, container.Id));
        container.Script("exec sleep 1000").Up();
        AssertNotOutside(container.Redirected($"7<{Scratch}", "exec", container.Id, "/proc/self/fd/7/echo", "canary"));
    }

    // The host's own root has a folder that no image here has.
    private static void AssertNotOutside(Finished finished)
    {
        Assert.DoesNotContain("canary", finished.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("var\n", finished.Output, StringComparison.Ordinal);
    }
}
