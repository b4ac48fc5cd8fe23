using System.Diagnostics;

namespace Rundlet.Cli.Tests;

/// <summary>A file as a disk, with ext4 on it.</summary>
internal sealed class VolumeDisk : IDisposable
{
    private VolumeDisk(string device) => Device = device;

    /// <summary>The block device.</summary>
    public string Device { get; }

    /// <summary>Makes one of 64 MiB, or skips the test where the kernel has no loop devices.</summary>
    public static VolumeDisk Make(Machine machine, string features)
    {
        string file = $"{machine.Folder}/disk-{Guid.NewGuid():N}";
        using (FileStream made = File.Create(file))
            made.SetLength(64 << 20);
        Result formatted = Tool("mkfs.ext4", ["-q", "-F", .. features.Split(' '), file]);
        Assert.True(formatted.Code == 0, formatted.Error);
        Result attached = Tool("losetup", ["-f", "--show", file]);
        if (attached.Code != 0)
            Assert.Skip($"no loop device: {attached.Error.Trim()}");
        return new VolumeDisk(attached.Output.Trim());
    }

    public void Dispose() => Assert.Equal(0, Tool("losetup", ["-d", Device]).Code);

    /// <summary>Runs a program of the system's to its end.</summary>
    public static Result Tool(string program, string[] arguments) =>
        Machine.Finish(Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!);
}
