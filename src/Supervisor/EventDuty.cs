using Rundlet.Linux;
using Rundlet.Oci;
using Rundlet.Runtime.Supervision;
using Rundlet.Syscalls;

namespace Rundlet.Supervisor;

/// <summary>
/// Says in the event log what happens to the container. Everything that changes a running container comes through its supervisor, so
/// that it is told here, whichever command asked for it.
/// </summary>
internal sealed class EventDuty
{
    private const int IdBytes = 32;

    private readonly Folders _folders;
    private readonly string _id;
    private readonly EventLog? _log;
    private EventConfig? _config;
    private (ulong Inode, long Second, uint Nanosecond) _seen;

    /// <summary>Tells nobody where the configuration names no log.</summary>
    public EventDuty(Folders folders, SupervisorConfig config)
    {
        _folders = folders;
        _id = config.Id;
        _config = config.Events;
        _log = _config is null ? null : new EventLog(_config.Path);
        _ = IsRewritten(); // ignored: this remembers which file was read
    }

    /// <summary>An id such as those of further processes: 64 hexadecimal digits.</summary>
    public static string NewId()
    {
        Span<byte> random = stackalloc byte[IdBytes];
        LinuxException.ThrowIfError(Sys.getrandom(random), "getrandom");
        return Convert.ToHexStringLower(random);
    }

    /// <summary>Says that something happened.</summary>
    /// <param name="action">Docker's word for it.</param>
    /// <param name="more">What the action has besides the container's own attributes.</param>
    public void Tell(string action, params ReadOnlySpan<KeyValuePair<string, string>> more)
    {
        if (_log is null)
            return;
        if (IsRewritten())
            Reload();
        _ = _log.TryWrite("container", action, _id, _config!.Attributes, more); // ignored: what happened has happened, told or not
    }

    /// <summary>Says that a volume is in use by the container, or not any more.</summary>
    /// <param name="action"><c>mount</c> or <c>unmount</c>.</param>
    /// <param name="mount">What of which volume.</param>
    public void TellOfVolume(string action, MountSource mount)
    {
        if (_log is null || mount.Layers is not null)
            return;
        KeyValuePair<string, string> container = new("container", _id), driver = new("driver", "local");
        _ = action == "unmount" // ignored: what happened has happened, told or not
            ? _log.TryWrite("volume", action, mount.VolumeName, null, container, driver)
            : _log.TryWrite("volume", action, mount.VolumeName, null, container, new("destination", mount.Destination), driver, new("propagation", ""), new("read/write", mount.IsReadOnly ? "false" : "true"));
    }

    // A container that is renamed, or whose labels are others now, gets another file under the same name.
    private bool IsRewritten()
    {
        if (_log is null || Sys.statx(_folders.Container.Value, SupervisorConfig.FileName, AT.SYMLINK_NOFOLLOW, STATX.INO | STATX.CTIME, out statx_t file) < 0)
            return false;
        (ulong, long, uint) now = (file.stx_ino, file.stx_ctime.tv_sec, file.stx_ctime.tv_nsec);
        bool isNew = now != _seen;
        _seen = now;
        return isNew;
    }

    private void Reload()
    {
        try
        {
            _config = SupervisorConfig.Read(FileIo.ReadFile(_folders.Container.Value, SupervisorConfig.FileName)).Events ?? _config;
        }
        catch (Exception unreadable) when (unreadable is LinuxException or SpecFormatException)
        {
            Trouble.Note(_folders.Run, unreadable.Message); // told under the old name
        }
    }
}
