namespace Rundlet.Supervisor;

/// <summary>A place in a log that is a file.</summary>
/// <param name="Inode">The file's inode number.</param>
/// <param name="Length">Its length in bytes.</param>
internal readonly record struct LogPlace(ulong Inode, long Length);
