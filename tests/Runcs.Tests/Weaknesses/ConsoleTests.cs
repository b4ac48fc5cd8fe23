namespace Rundlet.Runcs.Tests.Weaknesses;

/// <summary>/dev/console of the image is a link: the terminal is mounted where it leads, before anything is masked (CVE-2025-52565).</summary>
public sealed class ConsoleTests : ContainerTest
{
    [Fact]
    public void A_link_in_place_of_the_console_leads_the_terminal_nowhere()
    {
        TestContainer container = Container().Mount("/dev/pts", "devpts", "devpts", "newinstance", "ptmxmode=0666").Script("stat -c %F /etc/victim; echo end");
        container.Mounts.RemoveAt(1); // /dev is the image's
        Directory.CreateDirectory($"{container.Rootfs}/dev/pts");
        File.WriteAllText($"{container.Rootfs}/etc/victim", "victim");
        File.CreateSymbolicLink($"{container.Rootfs}/dev/console", "/etc/victim");
        container.Process["terminal"] = true;
        using ConsoleListener console = new($"{Scratch}/console");
        Finished created = container.Create("--console-socket", console.Path);
        if (created.Status != 0)
            return; // refused
        using TerminalMaster master = console.Receive();
        container.Start().Good();
        Assert.Contains("regular file", master.ReadUntil("end"), StringComparison.Ordinal);
    }
}
