using Rundlet.Runcs.Tests;

namespace Rundlet.Callers.Tests;

/// <summary>A log that a caller writes.</summary>
internal static class LogFile
{
    /// <summary>Waits until it has a text in it.</summary>
    public static void Await(string path, string text)
    {
        using FileSystemWatcher watcher = new(Path.GetDirectoryName(path)!, Path.GetFileName(path));
        using AutoResetEvent changed = new(false);
        watcher.Changed += (_, _) => changed.Set();
        watcher.Created += (_, _) => changed.Set();
        watcher.EnableRaisingEvents = true;
        while (!File.Exists(path) || !Read(path).Contains(text, StringComparison.Ordinal))
            Assert.True(changed.WaitOne(BoundedProcess.Patience), $"no '{text}' in {path}: {Read(path)}");
    }

    private static string Read(string path)
    {
        using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using StreamReader reader = new(file);
        return reader.ReadToEnd();
    }
}
