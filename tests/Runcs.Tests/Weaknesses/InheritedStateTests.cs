namespace Rundlet.Runcs.Tests.Weaknesses;

/// <summary>What a runtime, or whoever called it, changed for itself stays changed in the container: ignored signals, masks, limits, terminals.</summary>
public sealed class InheritedStateTests : ContainerTest
{
    private const string Show = "grep -E '^Sig(Blk|Ign)' /proc/self/status | tr -d '\\t'; ulimit -Sn; ulimit -Hn";

    [Fact]
    public void Signals_and_limits_are_as_for_any_program()
    {
        TestContainer container = Container().Script(Show);
        container.Save();
        Finished run = Start("run", "-b", container.Bundle, container.Id);
        AssertPlain(run);
        container.Script("exec sleep 1000").Up();
        AssertPlain(Start("exec", container.Id, "/bin/sh", "-c", Show));

        Finished Start(params string[] words)
        {
            using BoundedProcess process = BoundedProcess.Start($"{Scratch}/out",
                ["prlimit", "--nofile=700:900", "env", "--ignore-signal=PIPE,INT,QUIT,USR1", "--block-signal=TERM,CHLD,USR2", RuntimeProgram.Path, "--root", container.StateRoot, .. words]);
            return process.Wait().Good();
        }

        static void AssertPlain(Finished finished) =>
            Assert.Equal(["SigBlk:0000000000000000", "SigIgn:0000000000000000", "700", "900"], finished.Lines);
    }
}
