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

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(100_000)]
    public void A_file_is_read_whole_whatever_its_size(int size)
    {
        string path = Path.GetTempFileName();
        try
        {
            byte[] content = new byte[size];
            Random.Shared.NextBytes(content);
            File.WriteAllBytes(path, content);
            using OwnedFd fd = FileIo.Open(Sys.AT_FDCWD, path, O.RDONLY);
            Assert.Equal(content, FileIo.ReadSized(fd.Value, path, 1 << 20));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void A_file_longer_than_the_limit_is_refused()
    {
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(path, new byte[101]);
            using OwnedFd fd = FileIo.Open(Sys.AT_FDCWD, path, O.RDONLY);
            Assert.Equal(Errno.EFBIG, Assert.Throws<LinuxException>(() => FileIo.ReadSized(fd.Value, path, 100)).Errno);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void What_is_prepared_is_not_there_before_it_is_published()
    {
        string folder = Directory.CreateTempSubdirectory("rundlet-publish-").FullName;
        try
        {
            using OwnedFd fd = FileIo.Open(Sys.AT_FDCWD, folder, O.RDONLY | O.DIRECTORY);
            FileIo.Replace(fd.Value, "state", "old"u8, 0x180 /* 0600 */, durable: false);
            string temporary = FileIo.Prepare(fd.Value, "state", "new"u8, 0x180 /* 0600 */, durable: false);
            Assert.Equal("old", File.ReadAllText($"{folder}/state"));
            FileIo.Publish(fd.Value, temporary, "state", durable: false);
            Assert.Equal("new", File.ReadAllText($"{folder}/state"));
            Assert.Single(Directory.GetFileSystemEntries(folder));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
