using System.Security.Cryptography;

namespace Rundlet.Runcs.Tests.Weaknesses;

/// <summary>A container that sees a process of the runtime has its file, and may write to it once nobody executes it (CVE-2019-5736).</summary>
public sealed class HostBinaryTests : ContainerTest
{
    [Fact]
    public void What_a_container_holds_of_the_runtimes_file_it_cannot_write_to_later()
    {
        // A copy: while anybody executes a file, ETXTBSY alone keeps writers away.
        string runtime = $"{Scratch}/{Path.GetFileName(RuntimeProgram.Path)}";
        TestRootfs.CopyProgram(RuntimeProgram.Path, runtime);
        byte[] before = SHA256.HashData(File.ReadAllBytes(runtime));
        TestContainer attacker = Container().Capabilities("CAP_SYS_PTRACE", "CAP_DAC_OVERRIDE", "CAP_SYS_ADMIN")
            .Script("until v=$(cat /tmp/victim) && [ -n \"$v\" ] && head -c 1 /proc/$v/exe > /dev/null; do sleep 0.01; done 2> /dev/null; exec 3< /proc/$v/exe; echo held > /tmp/held; until [ -e /tmp/go ]; do sleep 0.01; done; "
                + "i=0; while [ $i -lt 50 ]; do { echo owned > /proc/self/fd/3; } 2> /tmp/error && break; i=$((i+1)); sleep 0.01; done; echo done > /tmp/done");
        attacker.Up();
        TestContainer victim = Container().Namespace("pid", $"/proc/{attacker.Pid()}/ns/pid");
        victim.Save();
        using (BoundedProcess create = BoundedProcess.Start($"{Scratch}/create", [runtime, "--root", victim.StateRoot, "create", "-b", victim.Bundle, victim.Id]))
            create.Wait().Good();
        string inside = File.ReadAllLines($"/proc/{victim.Pid()}/status").Single(line => line.StartsWith("NSpid:", StringComparison.Ordinal)).Split('\t')[^1];
        File.WriteAllText($"{attacker.Rootfs}/tmp/victim", inside);
        attacker.AwaitText($"{attacker.Rootfs}/tmp/held", "held");
        int pid = victim.Pid();
        victim.Start().Good();
        victim.WaitForEnd(pid);
        File.WriteAllText($"{attacker.Rootfs}/tmp/go", "");
        attacker.AwaitText($"{attacker.Rootfs}/tmp/done", "done");
        Assert.Equal(before, SHA256.HashData(File.ReadAllBytes(runtime)));
    }
}
