using Rundlet.Linux.Cgroups;
using Rundlet.Linux.Systemd;
using Rundlet.Syscalls;

namespace Rundlet.Linux.Tests.Systemd;

public sealed class SystemdManagerTests
{
    private const string Address = "DBUS_SYSTEM_BUS_ADDRESS";

    [Fact]
    public void A_scope_is_started_and_stopped_by_one_manager()
    {
        if (Sys.geteuid() != 0 || SystemdManager.IsUser)
            Assert.Skip("needs root: others ask their own manager");
        string folder = Directory.CreateTempSubdirectory("rundlet-bus-").FullName;
        string? before = Environment.GetEnvironmentVariable(Address);
        try
        {
            Environment.SetEnvironmentVariable(Address, $"unix:path={folder}/bus");
            using FakeManager fake = new($"{folder}/bus");
            using (SystemdManager manager = SystemdManager.Connect())
            {
                manager.StartScope(new SystemdUnit("a.slice", "x.scope"), "x", 1, new CgroupSettings(), isV2: true, []);
                manager.StopScope("x.scope");
            }
            Assert.Equal(["StartTransientUnit", "StopUnit", "ResetFailedUnit"], fake.Asked.Where(method => method.Contains("Unit", StringComparison.Ordinal)));
            Assert.Single(fake.Asked, "Subscribe"); // systemd refuses another one
        }
        finally
        {
            Environment.SetEnvironmentVariable(Address, before);
            Directory.Delete(folder, recursive: true);
        }
    }
}
