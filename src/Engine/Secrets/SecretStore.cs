using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Engine.Secrets;

/// <summary>
/// Secrets by name: a file each in a folder that is closed to others. A value goes from there to a container's run folder when the container
/// starts, and nowhere else: not into options, specs, listings or logs.
/// </summary>
/// <param name="path">Absolute path of the folder; made when the first secret is.</param>
public sealed class SecretStore(string path)
{
    /// <summary>The longest value, in bytes; as podman's.</summary>
    public const int MaxBytes = 512_000;

    private const int MaxNameLength = 253;
    private const int LockMilliseconds = 10_000;
    private const uint Private = 0x180; // 0600
    private const char TemporaryMark = '.';

    /// <summary>Keeps a value.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="value">The value, 1 to <see cref="MaxBytes"/> bytes.</param>
    /// <param name="replace">Whether it may take the place of another one.</param>
    /// <exception cref="ContainerException">InvalidArgument: a name or value that is none; AlreadyExists.</exception>
    public void Create(string name, ReadOnlySpan<byte> value, bool replace)
    {
        Validate(name);
        if (value.Length is 0 or > MaxBytes)
            throw new ContainerException(ContainerErrorKind.InvalidArgument, $"secret '{name}': the value must have 1 to {MaxBytes} bytes, not {value.Length}");
        ContainerEngine.EnsureFolder(path);
        using OwnedFd folder = FileIo.Open(Sys.AT_FDCWD, path, O.RDONLY | O.DIRECTORY);
        using OwnedFd held = FileIo.Open(folder.Value, ".", O.RDONLY | O.DIRECTORY);
        if (!FolderLock.Take(held.Value, path, LockMilliseconds))
            throw new ContainerException(ContainerErrorKind.Unavailable, "another command is changing secrets") { Hint = "try again" };
        RemoveLeftovers(folder);
        if (!replace && TryStat(folder, name, out _))
            throw new ContainerException(ContainerErrorKind.AlreadyExists, $"secret '{name}' exists") { Hint = "give it another name, or replace it: --replace" };
        FileIo.Replace(folder.Value, name, value, Private, durable: true);
    }

    /// <summary>All secrets, by name.</summary>
    public IReadOnlyList<SecretRecord> List() => Directory.Exists(path)
        ? [.. Directory.EnumerateFiles(path).Select(Path.GetFileName).OfType<string>().Where(name => name[0] != TemporaryMark).Order(StringComparer.Ordinal).Select(TryFind).OfType<SecretRecord>()]
        : [];

    /// <summary>What may be told of a secret.</summary>
    /// <exception cref="ContainerException">NotFound.</exception>
    public SecretRecord Get(string name)
    {
        if (TryFind(name) is { } secret)
            return secret;
        string? near = Nearest.Of(name, List().Select(other => other.Name));
        throw new ContainerException(ContainerErrorKind.NotFound, $"no such secret '{name}'") { Hint = near is null ? "rundlet secret ls lists what there is" : $"did you mean '{near}'?" };
    }

    /// <summary>The value.</summary>
    /// <exception cref="ContainerException">NotFound.</exception>
    internal byte[] Read(string name)
    {
        Get(name);
        using OwnedFd folder = FileIo.Open(Sys.AT_FDCWD, path, O.RDONLY | O.DIRECTORY);
        using OwnedFd file = FileIo.Open(folder.Value, name, O.RDONLY | O.NOFOLLOW);
        return FileIo.ReadAll(file.Value, $"secret '{name}'", MaxBytes);
    }

    /// <summary>Forgets a secret. Containers that run keep what they got.</summary>
    /// <exception cref="ContainerException">NotFound.</exception>
    public void Remove(string name)
    {
        Get(name);
        using OwnedFd folder = FileIo.Open(Sys.AT_FDCWD, path, O.RDONLY | O.DIRECTORY);
        int answer = Sys.unlinkat(folder.Value, name, 0);
        if (!Sys.Is(answer, Errno.ENOENT))
            LinuxException.ThrowIfError(answer, "remove secret", name);
    }

    /// <summary>Refuses a name that breaks the rule.</summary>
    /// <exception cref="ContainerException">InvalidArgument.</exception>
    internal static void Validate(string name)
    {
        if (name.Length is > 0 and <= MaxNameLength && char.IsAsciiLetterOrDigit(name[0]) && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '-'))
            return;
        throw new ContainerException(ContainerErrorKind.InvalidArgument, $"invalid secret name '{name}'") { Hint = $"use 1 to {MaxNameLength} letters, digits and _ . -, a letter or digit first" };
    }

    private SecretRecord? TryFind(string name)
    {
        if (name.Length == 0 || name[0] == TemporaryMark || name.Contains('/') || !Directory.Exists(path))
            return null;
        using OwnedFd folder = FileIo.Open(Sys.AT_FDCWD, path, O.PATH | O.DIRECTORY);
        return TryStat(folder, name, out statx_t stat) ? new SecretRecord(name, DateTimeOffset.FromUnixTimeSeconds(stat.stx_mtime.tv_sec), (long)stat.stx_size) : null;
    }

    private static bool TryStat(OwnedFd folder, string name, out statx_t stat)
    {
        int answer = Sys.statx(folder.Value, name, AT.SYMLINK_NOFOLLOW, STATX.BASIC_STATS, out stat);
        if (Sys.Is(answer, Errno.ENOENT))
            return false;
        LinuxException.ThrowIfError(answer, "stat secret", name);
        return (stat.stx_mode & S.IFMT) == S.IFREG;
    }

    // Of a command that was killed while it wrote: nobody else writes as long as the lock is ours.
    private void RemoveLeftovers(OwnedFd folder)
    {
        foreach (string name in Directory.EnumerateFiles(path).Select(Path.GetFileName).OfType<string>().Where(name => name[0] == TemporaryMark))
            LinuxException.ThrowIfError(Sys.unlinkat(folder.Value, name, 0), "remove", name);
    }
}
