using Rundlet.Linux;
using Rundlet.Oci;
using Rundlet.Syscalls;

namespace Rundlet.Runtime.Supervision;

// Many processes write: every command and every supervisor. None of them waits for another one.
//
//   an event      open with O_APPEND, one write(2), close: the kernel does not mix the lines of two writers. No sync: an event that a power
//                 cut takes was about processes that the power cut took too.
//   a full file   whoever finds it full locks it (flock) and renames it over the older one. Who holds the lock of a file that has lost its
//                 name already is late, and opens the new one. A writer that has opened the file before writes its line into the renamed
//                 one, where readers look too.

/// <summary>The file into which everybody writes what happens: <see cref="EventMessage"/>s, the newest last; one older file is kept beside it.</summary>
/// <param name="path">Absolute path of the file; its folder is made when it is missing.</param>
public sealed class EventLog(string path)
{
    /// <summary>The name of the file.</summary>
    public const string FileName = "events.log";

    /// <summary>What the name of the older file has behind that of the newer one.</summary>
    public const string OlderSuffix = ".1";

    /// <summary>The length in bytes from which on a file gets no more events.</summary>
    public const long MaxFile = 4 << 20;

    /// <summary>The longest line in bytes: an event that would be longer goes without its labels.</summary>
    public const int MaxLine = 64 << 10;

    private const int MaxRotations = 4;
    private const uint PrivateFile = 0x180, PrivateFolder = 0x1C0; // 0600, 0700

    private static readonly string[] s_kept = ["name", "image", "signal", "exitCode", "execID"];

    /// <summary>The file's path.</summary>
    public string Path => path;

    /// <summary>An event of now.</summary>
    /// <param name="type"><c>container</c>, <c>image</c>, <c>volume</c> or <c>network</c>.</param>
    /// <param name="action">What happened.</param>
    /// <param name="actor">What it happened to.</param>
    /// <param name="attributes">What is known of it; null for nothing.</param>
    /// <param name="more">What the action has besides; it wins over a label of the same name.</param>
    /// <returns>Whether it was written: a full disk must not fail what has happened already.</returns>
    public bool TryWrite(string type, string action, string actor, IReadOnlyDictionary<string, string>? attributes, params ReadOnlySpan<KeyValuePair<string, string>> more)
    {
        _ = Sys.clock_gettime(CLOCK.REALTIME, out timespec now); // ignored: there is always such a clock
        Dictionary<string, string> all = attributes is null ? [] : new Dictionary<string, string>(attributes);
        foreach ((string key, string value) in more)
            all[key] = value;
        return TryWrite(new EventMessage { Type = type, Action = action, ActorId = actor, Attributes = all, TimeNano = now.tv_sec * 1_000_000_000 + now.tv_nsec });
    }

    /// <summary>Writes an event.</summary>
    /// <inheritdoc cref="TryWrite(string, string, string, IReadOnlyDictionary{string, string}?, ReadOnlySpan{KeyValuePair{string, string}})" path="/returns"/>
    public bool TryWrite(EventMessage message)
    {
        JsonWriter json = new();
        message.WriteLine(json);
        if (json.Written.Length > MaxLine)
        {
            json = new JsonWriter();
            Shortened(message).WriteLine(json);
        }
        for (int rotations = 0; ; rotations++)
        {
            int answer = Open();
            if (answer < 0)
                return false;
            using OwnedFd file = new(answer);
            if (rotations == MaxRotations || Sys.lseek(answer, 0, SEEK.END) < MaxFile || !TryRotate(answer))
                return Sys.write(answer, json.Written) == json.Written.Length;
        }
    }

    private int Open()
    {
        const int Flags = O.WRONLY | O.APPEND | O.CREAT | O.NOFOLLOW;
        int answer = Sys.openat(Sys.AT_FDCWD, path, Flags, PrivateFile);
        if (!Sys.Is(answer, Errno.ENOENT))
            return answer;
        _ = Sys.mkdirat(Sys.AT_FDCWD, System.IO.Path.GetDirectoryName(path)!, PrivateFolder); // ignored: the open says whether it is there
        return Sys.openat(Sys.AT_FDCWD, path, Flags, PrivateFile);
    }

    // Whether another file has the name now. False: somebody else is at it, or it cannot be done; the full file takes the line.
    private bool TryRotate(int file)
    {
        if (Sys.flock(file, LOCK.EX | LOCK.NB) < 0)
            return false;
        if (Sys.statx(file, "", AT.EMPTY_PATH, STATX.INO, out statx_t opened) < 0)
            return false;
        int named = Sys.statx(Sys.AT_FDCWD, path, AT.SYMLINK_NOFOLLOW, STATX.INO, out statx_t current);
        if (Sys.Is(named, Errno.ENOENT) || (named >= 0 && current.stx_ino != opened.stx_ino))
            return true;
        return named >= 0 && Sys.renameat2(Sys.AT_FDCWD, path, Sys.AT_FDCWD, path + OlderSuffix, 0) >= 0;
    }

    private static EventMessage Shortened(EventMessage message)
    {
        const int LongestText = 4096;
        return message with
        {
            Action = message.Action.Length > LongestText ? message.Action[..LongestText] : message.Action,
            Attributes = message.Attributes.Where(attribute => s_kept.Contains(attribute.Key) && attribute.Value.Length <= LongestText).ToDictionary(),
        };
    }
}
