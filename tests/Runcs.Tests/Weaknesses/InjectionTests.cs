using System.Text.Json;

namespace Rundlet.Runcs.Tests.Weaknesses;

/// <summary>
/// Environment and log injection: variables of the caller in a container, variables of the image in the runtime (CVE-2021-3602,
/// CVE-2025-23266, CVE-2022-4123), a line break that forges a record.
/// </summary>
public sealed class InjectionTests : ContainerTest
{
    [Fact]
    public void Variables_of_the_caller_do_not_reach_a_container_or_an_exec()
    {
        TestContainer container = Container().Args("/bin/env");
        container.Save();
        Assert.DoesNotContain("CANARY", WithVariable("run", "-b", container.Bundle, container.Id).Output, StringComparison.Ordinal);
        container.Script("exec sleep 1000").Up();
        Assert.DoesNotContain("CANARY", WithVariable("exec", container.Id, "/bin/env").Output, StringComparison.Ordinal);

        Finished WithVariable(params string[] words)
        {
            using BoundedProcess process = BoundedProcess.Start($"{Scratch}/out", ["env", "CANARY=1", "_OCI_CANARY=1", RuntimeProgram.Path, "--root", container.StateRoot, .. words]);
            return process.Wait().Good();
        }
    }

    [Fact]
    public void Variables_of_the_image_steer_the_runtime_nowhere()
    {
        TestContainer container = Container().Script("echo ran");
        string trap = $"{Scratch}/trap";
        container.Process["env"] = TestContainer.Texts("PATH=/bin", $"LD_PRELOAD={trap}", $"LD_LIBRARY_PATH={trap}", "DOTNET_EnableEventPipe=1", $"DOTNET_EventPipeOutputPath={trap}", "DOTNET_DbgEnableMiniDump=1",
            $"DOTNET_DbgMiniDumpName={trap}", "DOTNET_GCHeapHardLimit=1", "GODEBUG=gctrace=1", $"DOTNET_DiagnosticPorts={trap}", "TMPDIR=" + trap);
        Assert.Contains("ran", container.Output(), StringComparison.Ordinal);
        Assert.False(File.Exists(trap));
    }

    [Theory]
    [InlineData("json")]
    [InlineData("text")]
    public void A_line_break_in_a_name_makes_no_second_record(string format)
    {
        TestContainer container = Container().Args("/no/such\n{\"level\":\"error\",\"msg\":\"forged\"}\ntime=\"x\" level=error msg=\"forged\"\r\n\u001b[2Jprogram");
        container.Save();
        string log = $"{Scratch}/log";
        using (BoundedProcess run = BoundedProcess.Start($"{Scratch}/run", [RuntimeProgram.Path, "--root", container.StateRoot, "--log", log, "--log-format", format, "run", "-b", container.Bundle, container.Id]))
            Assert.NotEqual(0, run.Wait().Status);
        string[] lines = File.ReadAllText(log).Split(['\n', '\r'], StringSplitOptions.RemoveEmptyEntries);
        Assert.DoesNotContain(lines, line => line.StartsWith("time=\"x\"", StringComparison.Ordinal) || line.StartsWith("{\"level\":\"error\",\"msg\":\"forged\"", StringComparison.Ordinal) || line.Contains('\u001b'));
        if (format == "json")
            Assert.All(lines, line => JsonDocument.Parse(line).Dispose());
    }

    [Fact]
    public void A_line_break_in_a_name_makes_no_second_line_on_stderr()
    {
        RuntimeProgram.SkipUnlessOurs("runc prints what it is given");
        TestContainer container = Container().Args("/no/such\nruncs: forged");
        Assert.DoesNotContain(container.Run().Error.Split('\n'), line => line.StartsWith("runcs: forged", StringComparison.Ordinal));
    }
}
