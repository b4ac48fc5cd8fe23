using Rundlet.Engine.Diagnosis;
using Rundlet.Engine.Operations;
using Rundlet.Runtime.Supervision;

namespace Rundlet.Engine.Tests;

public sealed class ExitWordsTests
{
    [Theory]
    [InlineData(0, null, "its program ended by itself, with code 0: success")]
    [InlineData(3, null, "its program ended by itself, with code 3: an error of its own")]
    [InlineData(127, null, "its program ended with code 127: shells have it for a command that was not found, and the loader for a library")]
    [InlineData(139, null, "its program ended with code 139: a shell has it for a command that SIGSEGV ended (it touched memory that is not its own)")]
    [InlineData(200, null, "its program ended by itself, with code 200: an error of its own")]
    [InlineData(134, 6, "its program was ended by SIGABRT (it gave up by itself: abort), which is shown as code 134")]
    [InlineData(137, 9, "its program was ended by SIGKILL, which is shown as code 137: rundlet kill, or somebody on this machine")]
    public void A_code_is_a_sentence(int code, int? signal, string sentence) =>
        Assert.Equal(sentence, ExitWords.Of(new ExitRecord { ExitCode = code, Signal = signal }).Text);

    [Fact]
    public void Who_was_killed_after_the_time_of_a_stop_hears_of_it()
    {
        Finding finding = ExitWords.Of(new ExitRecord { ExitCode = 137, Signal = 9, Stopped = true });
        Assert.Contains("did not end in the time that stop gave it", finding.Text);
        Assert.Contains("--stop-timeout", finding.Hint);
    }

    [Fact]
    public void Lack_of_memory_is_said_with_the_limit()
    {
        ExitRecord exit = new() { ExitCode = 137, Signal = 9, OomKilled = true };
        Assert.Equal(new Finding("the kernel killed a process of it for lack of memory: its limit is 64 MiB", "give it more: --memory 128m, or let its program use less"), ExplainContainer.OfMemory(exit, 64 << 20));
        Assert.Contains("the machine, or a group above it", ExplainContainer.OfMemory(exit, null)!.Text);
        Assert.Null(ExplainContainer.OfMemory(new ExitRecord { ExitCode = 137 }, 64 << 20));
    }

    [Theory]
    [InlineData("/bin/x: error while loading shared libraries: libfoo.so.1: cannot open shared object file", "a shared library is missing")]
    [InlineData("bind: Address already in use", "a port was taken")]
    [InlineData("all is well", null)]
    public void A_line_of_the_log_may_tell(string line, string? text)
    {
        if (text is null)
            Assert.Null(LogClue.Of(line));
        else
            Assert.StartsWith($"its log says that {text}", LogClue.Of(line)!.Text);
    }
}
