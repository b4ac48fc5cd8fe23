using System.Net;
using Rundlet.Engine.Operations;
using Rundlet.Engine.State;
using Rundlet.Network.Addresses;
using static Rundlet.Engine.Tests.Remnants;

namespace Rundlet.Engine.Tests;

/// <summary>A container ends whose networks or ports were being changed by a command that was killed: it has more than its note says.</summary>
public sealed class AheadOfItsNoteTests
{
    [Theory]
    [InlineData("change networks")]
    [InlineData("update")]
    public void What_was_made_and_not_noted_is_freed(string purpose) => InOwnNetwork((root, firewall) =>
    {
        ContainerRecord record = Make(root, autoRemove: false);
        Publish(firewall, record);
        File.WriteAllText($"{root.Paths.Container(record.Id)}/config.json", """{"ociVersion":"1.2.0","linux":{"resources":{}}}""");
        new NetworkNote { Mode = "bridge" }.Save(root.Paths, record.Id);
        string addresses = $"{root.Paths.Network("front")}/addresses";
        Directory.CreateDirectory(Path.GetDirectoryName(addresses)!);
        using (AddressPool pool = AddressPool.Open(addresses))
            pool.Reserve(new(Subnet.Parse("10.9.1.0/24")), IPAddress.Parse("10.9.1.2"), record.Id);
        WriteState(root, record, NoPid, 1);
        Claim(root, NoPid, 1, purpose);
        ContainerEngine.Open(root.Paths, null).Dispose();
        Assert.Empty(firewall.List());
        Assert.Empty(Directory.EnumerateFileSystemEntries(addresses, "10*"));
        Assert.False(Directory.Exists(root.Paths.Live(record.Id)));
    });
}
