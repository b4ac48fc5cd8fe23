using System.Security.Cryptography;
using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Runcs.Tests;

/// <summary>What a container must not get from its host: descriptors, the runtime's own file.</summary>
public sealed class IsolationTests : ContainerTest
{
    private const string ShowDescriptors = "ls /proc/self/fd | tr '\\n' ' '";

    [Fact]
    public void A_program_inherits_stdio_and_nothing_else()
    {
        TestContainer container = Container().Script(ShowDescriptors);
        container.Save();
        // 5 and 9 are inheritable; ls itself has the folder open as 3.
        Assert.Equal("0 1 2 3 ", container.Redirected($"5<{Scratch} 9<{Scratch}", "run", "-b", container.Bundle, container.Id).Good().Output);
        container.Script("exec sleep 1000").Up();
        Assert.Equal("0 1 2 3 ", container.Redirected($"5<{Scratch} 9<{Scratch}", "exec", container.Id, "sh", "-c", ShowDescriptors).Good().Output);
    }

    [Fact]
    public void A_created_container_holds_nothing_of_the_host_but_its_pipes()
    {
        RuntimeProgram.SkipUnlessOurs("runc's start does not wait for execve");
        TestContainer container = Container().Script("exec sleep 1000");
        container.Save();
        container.Redirected($"5<{Scratch} 9<{Scratch}", "create", "-b", container.Bundle, container.Id).Good();
        int pid = container.Pid();
        container.Start().Good();
        string[] open = [.. Directory.GetFileSystemEntries($"/proc/{pid}/fd").Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal)];
        Assert.Equal(["0", "1", "2"], open);
    }

    [Fact]
    public void Preserved_descriptors_are_passed_and_no_others()
    {
        File.WriteAllText($"{Scratch}/file", "passed\n");
        TestContainer container = Container().Script($"cat <&3; {ShowDescriptors}");
        container.Save();
        Finished run = container.Redirected($"3<{Scratch}/file 4<{Scratch}/file 5<{Scratch}", "run", "--preserve-fds", "2", "-b", container.Bundle, container.Id);
        Assert.Equal("passed\n0 1 2 3 4 5 ", run.Good().Output); // 5 is the folder that ls reads
    }

    [Theory]
    [InlineData("0<&-")]
    [InlineData("2>&-")]
    [InlineData("0<&- 2>&-")]
    public void Closed_stdio_of_the_caller_is_no_way_in(string closed)
    {
        TestContainer container = Container().Script("for f in 0 1 2; do readlink /proc/self/fd/$f; done");
        container.Save();
        Finished run = container.Redirected(closed, "run", "-b", container.Bundle, container.Id);
        Assert.True(run.Status == 0, run.Error);
        Assert.All(run.Lines, line => Assert.True(
            line == "/dev/null" || (!RuntimeProgram.IsOurs && line.StartsWith("pipe:", StringComparison.Ordinal)) || line.StartsWith("/proc/", StringComparison.Ordinal) || line.EndsWith(".out", StringComparison.Ordinal) || line.EndsWith(".err", StringComparison.Ordinal), run.Output));
    }

    [Theory]
    [InlineData("1>&-")]
    [InlineData("0<&- 1>&- 2>&-")]
    public void A_container_runs_with_all_stdio_of_the_caller_closed(string closed)
    {
        TestContainer container = Container().Script("echo ran > /tmp/ran; for f in 0 2 3 4 5; do readlink /proc/$$/fd/$f; done >> /tmp/ran");
        container.Save();
        container.Redirected(closed, "create", "-b", container.Bundle, container.Id);
        container.StartAndWaitFrom(container.Pid());
        string[] lines = File.ReadAllLines($"{container.Rootfs}/tmp/ran");
        Assert.Equal("ran", lines[0]);
        Assert.DoesNotContain(lines, line => line.Contains(container.Folder, StringComparison.Ordinal) && !line.EndsWith(".out", StringComparison.Ordinal) && !line.EndsWith(".err", StringComparison.Ordinal));
        Assert.DoesNotContain(lines, line => line.StartsWith("socket:", StringComparison.Ordinal));
    }

    [Fact]
    public void A_terminal_works_with_all_stdio_of_the_caller_closed()
    {
        TestContainer container = Container().Mount("/dev/pts", "devpts", "devpts", "newinstance", "ptmxmode=0666").Script("tty > /tmp/tty");
        container.Process["terminal"] = true;
        container.Save();
        using ConsoleListener console = new($"{Scratch}/console");
        container.Redirected("0<&- 1>&- 2>&-", "create", "--console-socket", console.Path, "-b", container.Bundle, container.Id);
        using TerminalMaster master = console.Receive();
        container.StartAndWaitFrom(container.Pid());
        Assert.Equal("/dev/pts/0\n", File.ReadAllText($"{container.Rootfs}/tmp/tty"));
    }

    [Fact]
    public void A_script_that_names_its_own_executable_cannot_reach_the_runtimes_file()
    {
        byte[] before = Hash();
        TestContainer container = Container().Args("/evil");
        TestRootfs.WriteScript($"{container.Rootfs}/evil", "#!/proc/self/exe\n");
        _ = container.Run(); // whatever it answers
        Assert.Equal(before, Hash());
    }

    [Theory]
    [InlineData("/proc/self/exe")]
    [InlineData("/proc/1/exe")]
    [InlineData("/proc/thread-self/exe")]
    public void The_runtime_does_not_execute_itself_for_a_container(string program)
    {
        byte[] before = Hash();
        TestContainer container = Container().Args(program, "--version");
        Finished run = container.Run();
        Assert.NotEqual(0, run.Status);
        Assert.DoesNotContain("version", run.Output, StringComparison.Ordinal);
        Assert.Equal(before, Hash());
    }

    [Fact]
    public void The_file_of_a_created_container_is_read_only_even_when_nobody_executes_it_any_more()
    {
        // A copy of its own: while any process executes a file, ETXTBSY alone keeps writers away.
        string runtime = $"{Scratch}/{Path.GetFileName(RuntimeProgram.Path)}";
        TestRootfs.CopyProgram(RuntimeProgram.Path, runtime);
        TestContainer container = Container();
        container.Save();
        using (BoundedProcess create = BoundedProcess.Start($"{Scratch}/create", [runtime, "--root", container.StateRoot, "create", "-b", container.Bundle, container.Id]))
            create.Wait().Good();
        int pid = container.Pid();
        using OwnedFd image = FileIo.Open(Sys.AT_FDCWD, $"/proc/{pid}/exe", O.PATH);
        container.Start().Good();
        container.WaitForEnd(pid);
        int written = Sys.openat(Sys.AT_FDCWD, $"/proc/self/fd/{image.Value}", O.WRONLY);
        Assert.True(Sys.Is(written, Errno.EROFS) || Sys.Is(written, Errno.EPERM) || Sys.Is(written, Errno.EACCES), $"{Sys.ErrorOf(written)}");
    }

    [Fact]
    public void A_process_of_the_container_finds_no_writable_runtime_while_others_enter()
    {
        byte[] before = Hash();
        TestContainer container = Container().Capabilities("CAP_SYS_PTRACE", "CAP_DAC_OVERRIDE", "CAP_SYS_ADMIN")
            .Script("while :; do for p in /proc/[0-9]*; do [ $p = /proc/1 ] || { true >> $p/exe && echo $p $(readlink $p/exe) >> /tmp/opened; }; done; done 2>/dev/null");
        container.Up();
        for (int i = 0; i < 20; i++)
            container.Exec("true").Good();
        Assert.False(File.Exists($"{container.Rootfs}/tmp/opened") && File.ReadAllText($"{container.Rootfs}/tmp/opened").Contains("run", StringComparison.Ordinal));
        Assert.Equal(before, Hash());
    }

    private static byte[] Hash() => SHA256.HashData(File.ReadAllBytes(RuntimeProgram.Path));
}
