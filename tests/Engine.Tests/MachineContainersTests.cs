using Rundlet.Engine.Operations;
using Rundlet.Engine.State;
using Rundlet.Runtime.Supervision;

namespace Rundlet.Engine.Tests;

public sealed class MachineContainersTests
{
    [Fact]
    public void A_damaged_document_of_a_container_keeps_no_other_from_coming_up_with_the_machine()
    {
        if (Environment.UserName != "root")
            Assert.Skip("needs root");
        using TestRoot root = new();
        ContainerRecord[] records = [TestRoot.Record("damaged", 'e'), TestRoot.Record("other", 'f')];
        foreach (ContainerRecord record in records)
        {
            var containers = new ContainerTable(root.Database);
            containers.Insert(record, "create");
            containers.Release(record.Id);
            string folder = Directory.CreateDirectory(root.Paths.Container(record.Id)).FullName;
            File.WriteAllBytes($"{folder}/{SupervisorConfig.FileName}", new SupervisorConfig { Id = record.Id, Restart = RestartPolicy.Parse("always") }.ToBytes());
            File.WriteAllBytes($"{folder}/{ExitRecord.FileName}", new ExitRecord { ExitCode = 7, FinishedAt = DateTimeOffset.UtcNow }.ToBytes());
        }
        File.WriteAllText($"{root.Paths.Container(records[0].Id)}/{SupervisorConfig.FileName}", "{\"id\":");
        using ContainerEngine engine = ContainerEngine.Open(root.Paths, null);
        Assert.Equal(records.Select(record => record.Id).Order(), MachineContainers.ToStart(engine).Select(record => record.Id).Order());
    }
}
