using System.Diagnostics;
using Rundlet.Images.Tests.Tar;
using Rundlet.Images.Unpack;
using Rundlet.Linux;
using Rundlet.Linux.Mounts;
using Rundlet.Syscalls;

namespace Rundlet.Images.Tests.Store;

public class IdMappedLayersTests
{
    private const uint Base = 100_000;

    [Fact]
    public void Layers_have_the_ids_of_a_user_namespace_and_are_not_copied()
    {
        Sandbox.SkipUnlessRoot();
        using var store = new StoreFixture();
        string[] lower = [Unpack(store, RawTar.New.File("mine", "lower").Ended, "lower"), Unpack(store, RawTar.New.File("other", "x").Ended, "middle")];
        Directory.CreateDirectory($"{store.Path}/upper");
        Directory.CreateDirectory($"{store.Path}/work");
        using Process holder = Process.Start(new ProcessStartInfo("unshare", ["--user", "sh", "-c", "echo; read x"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        try
        {
            holder.StandardOutput.ReadLine(); // the namespace is there
            foreach (string ids in (string[])["uid_map", "gid_map"])
                File.WriteAllText($"/proc/{holder.Id}/{ids}", $"0 {Base} 65536");
            using OwnedFd map = FileIo.Open(Sys.AT_FDCWD, $"/proc/{holder.Id}/ns/user", O.RDONLY);
            using OwnedFd mount = Mounted(new OverlayMount { Lower = [lower[1], lower[0]], Upper = $"{store.Path}/upper", Work = $"{store.Path}/work", IdMap = map });
            LinuxException.ThrowIfError(Sys.statx(mount.Value, "mine", 0, STATX.BASIC_STATS, out statx_t seen), "stat", "mine");
            Assert.Equal((Base, Base), (seen.stx_uid, seen.stx_gid));
            Assert.Equal(0u, Sandbox.Stat($"{lower[0]}/mine").stx_uid);
            LinuxException.ThrowIfError(Sys.fchownat(mount.Value, "mine", Base + 5, Base + 5, 0), "chown", "mine");
            Assert.Equal(Base + 5, Sandbox.Stat($"{store.Path}/upper/mine").stx_uid);
            Assert.Equal(0u, Sandbox.Stat($"{lower[0]}/mine").stx_uid);
        }
        finally
        {
            holder.StandardInput.Close();
            holder.WaitForExit();
        }
    }

    private static OwnedFd Mounted(OverlayMount overlay)
    {
        try
        {
            return overlay.Open();
        }
        catch (LinuxException error) when (error.Errno is Errno.ENODEV or Errno.EPERM or Errno.EINVAL)
        {
            Assert.Skip($"this kernel has no overlay of layers with mapped ids: {error.Message}");
            throw;
        }
    }

    private static string Unpack(StoreFixture store, byte[] tar, string name)
    {
        string path = $"{store.Path}/{name}";
        Directory.CreateDirectory(path);
        using OwnedFd root = FileIo.Open(Sys.AT_FDCWD, path, O.RDONLY | O.DIRECTORY);
        LayerUnpacker.Unpack(new MemoryStream(tar), root.Value);
        return path;
    }
}
