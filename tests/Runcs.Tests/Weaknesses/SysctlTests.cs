using System.Text.Json.Nodes;

namespace Rundlet.Runcs.Tests.Weaknesses;

/// <summary>A sysctl that is the host's, or is smuggled in with another one (CVE-2022-0811, CVE-2022-0532).</summary>
public sealed class SysctlTests : ContainerTest
{
    private const string Canary = "/proc/sys/vm/laptop_mode"; // seconds; nothing here reads it

    [Theory]
    [InlineData("vm.laptop_mode", "7")]
    [InlineData("vm/laptop_mode", "7")]
    [InlineData("net/../vm/laptop_mode", "7")]
    [InlineData("net.ipv4.ip_forward/../../../vm/laptop_mode", "7")]
    public void A_sysctl_of_the_host_is_refused(string key, string value) => Assert.NotEqual(0, Run(key, value).Status);

    [Theory]
    [InlineData("kernel.shm_rmid_forced", "1+vm.laptop_mode=7")]
    [InlineData("kernel.shm_rmid_forced", "1\nvm.laptop_mode=7")]
    public void A_value_brings_no_other_sysctl_along(string key, string value) => _ = Run(key, value); // it may be refused

    private Finished Run(string key, string value)
    {
        string before = File.ReadAllText(Canary);
        TestContainer container = Container();
        container.LinuxPart["sysctl"] = new JsonObject { [key] = value };
        try
        {
            Finished run = container.Run();
            Assert.Equal(before, File.ReadAllText(Canary));
            return run;
        }
        finally
        {
            File.WriteAllText(Canary, before);
        }
    }

    [Theory]
    [InlineData("network", "net.ipv4.conf.all.log_martians")]
    [InlineData("ipc", "kernel.shm_rmid_forced")]
    public void A_sysctl_of_a_namespace_that_is_the_hosts_is_refused(string space, string key)
    {
        string file = "/proc/sys/" + key.Replace('.', '/');
        string before = File.ReadAllText(file);
        foreach (bool joined in new[] { false, true })
        {
            TestContainer container = Container().RemoveNamespace(space);
            if (joined)
                container.Namespace(space, $"/proc/self/ns/{(space == "network" ? "net" : space)}");
            container.LinuxPart["sysctl"] = new JsonObject { [key] = before.Trim() == "1" ? "0" : "1" };
            try
            {
                Finished run = container.Run();
                Assert.Equal(before, File.ReadAllText(file));
                Assert.NotEqual(0, run.Status);
            }
            finally
            {
                File.WriteAllText(file, before);
            }
        }
    }
}
