using Rundlet.Syscalls;

namespace Rundlet.Linux.Tests;

public sealed class FileIoTests
{
    // The folder of a pid file may be one that others write to.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_file_planted_under_the_temporary_name_is_not_written_to(bool durable)
    {
        string folder = Directory.CreateTempSubdirectory("rundlet-replace-").FullName;
        try
        {
            string planted = $"{folder}/.pid.{Environment.ProcessId}.{Sys.gettid()}.tmp", other = $"{folder}/others";
            File.WriteAllText(other, "theirs");
            LinuxException.ThrowIfError(Sys.linkat(Sys.AT_FDCWD, other, Sys.AT_FDCWD, planted, 0), "link");
            using OwnedFd fd = FileIo.Open(Sys.AT_FDCWD, folder, O.RDONLY | O.DIRECTORY);
            FileIo.Replace(fd.Value, "pid", "7"u8, 0x1A4 /* 0644 */, durable);
            Assert.Equal(("theirs", "7"), (File.ReadAllText(other), File.ReadAllText($"{folder}/pid")));
            Assert.False(File.Exists(planted));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
