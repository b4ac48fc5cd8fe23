using System.Text;
using Rundlet.Engine.Processes;
using Rundlet.Linux;

namespace Rundlet.Engine.Tests;

public sealed class ProcessFormatTests
{
    [Theory]
    [InlineData("UID PID PPID C STIME TTY TIME CMD")]
    [InlineData("UID PID PPID C STIME TTY TIME CMD", "-ef")]
    [InlineData("USER PID %CPU %MEM VSZ RSS TTY STAT START TIME COMMAND", "aux")]
    [InlineData("USER PID %CPU %MEM VSZ RSS TTY STAT START TIME COMMAND", "auxww")]
    [InlineData("PID TTY TIME CMD", "-e")]
    [InlineData("PID TTY STAT TIME COMMAND", "ax")]
    [InlineData("S UID PID PPID C PRI NI SZ TTY TIME CMD", "-el")]
    [InlineData("PID COMMAND", "-eo", "pid,comm")]
    [InlineData("PID COMMAND", "-o", "pid", "-ocomm")]
    [InlineData("PID COMMAND", "axo", "pid,args")]
    [InlineData("PID the program, as it was called", "-o", "pid,args=the program, as it was called")]
    [InlineData("PID  RSS", "--format=pid,comm=", "o", "rss")]
    public void The_formats_of_ps_are_known(string headings, params string[] words) =>
        Assert.Equal(headings, string.Join(' ', ProcessFormat.Parse(words).Select(column => column.Heading)));

    [Theory]
    [InlineData("there is no column 'pidd'", "did you mean 'pid'?", "-o", "pidd")]
    [InlineData("needs a list", "-ef", "-o")]
    [InlineData("list of columns is empty", "-ef", "-o", ",")]
    [InlineData("unknown option 'Z'", "-ef", "-Z")]
    public void What_is_no_format_is_refused_with_a_hint(string message, string hint, params string[] words)
    {
        ContainerException error = Assert.Throws<ContainerException>(() => ProcessFormat.Parse(words));
        Assert.Contains(message, error.Message);
        Assert.Contains(hint, error.Hint);
    }

    [Fact]
    public void Every_column_can_be_read_of_this_very_process()
    {
        ProcessRow row = ProcessRow.TryRead(Environment.ProcessId)!;
        string names = string.Join(',', new ProcessColumns().Names);
        Assert.All(ProcessFormat.Parse(["-o", names]), column => Assert.NotEqual("", column.Value(row)));
        Assert.Equal(Environment.ProcessId.ToString(), ProcessFormat.Parse(["-o", "pid"])[0].Value(row));
        Assert.Null(ProcessRow.TryRead(int.MaxValue));
    }

    [Theory]
    [InlineData("plain ü", "plain ü")]
    [InlineData("\u001b[31mred\n\u007f", "\\x1b[31mred\\x0a\\x7f")]
    [InlineData("\u009b2J", "\\xc2\\x9b2J")]
    public void What_a_process_calls_itself_is_shown_without_control_characters(string name, string expected) =>
        Assert.Equal(expected, ProcessRow.Escaped(Encoding.UTF8.GetBytes(name)));

    [Fact]
    public void Bytes_that_are_no_text_are_shown_as_numbers() => Assert.Equal("a\\xff\\xc3b", ProcessRow.Escaped([(byte)'a', 0xff, 0xc3, (byte)'b']));
}
