using System.Diagnostics;

namespace Rundlet.Cli.Tests;

public sealed class StartUpTests
{
    // TLS and what else a registry needs costs milliseconds to load: a command that speaks to none must not pay for it.
    [Theory]
    [InlineData("images")]
    [InlineData("images", "--format", "json")]
    [InlineData("image", "inspect", "shell")]
    [InlineData("history", "shell")]
    [InlineData("ps", "-a")]
    [InlineData("system", "df")]
    [InlineData("rmi", "none")]
    [InlineData("run", "--rm", "--network", "none", "shell", "/bin/true")]
    public void A_command_without_a_registry_loads_nothing_but_the_c_library(params string[] arguments)
    {
        using Machine machine = new();
        ProcessStartInfo start = machine.StartInfo(machine.Program, arguments);
        start.Environment["LD_DEBUG"] = "files";
        start.Environment["LD_DEBUG_OUTPUT"] = $"{machine.Folder}/ld";
        using Process process = Process.Start(start)!;
        int id = process.Id;
        Machine.Finish(process);
        IEnumerable<string> loaded = File.ReadLines($"{machine.Folder}/ld.{id}").Where(line => line.Contains("calling init: ")).Select(line => Path.GetFileName(line[(line.IndexOf("init: ", StringComparison.Ordinal) + 6)..].Trim()));
        Assert.Equal(["ld-linux-x86-64.so.2", "libc.so.6", "libm.so.6"], loaded.Order(StringComparer.Ordinal));
    }
}
