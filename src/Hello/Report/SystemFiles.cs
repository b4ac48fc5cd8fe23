namespace Rundlet.Hello.Report;

/// <summary>
/// The files that the report is made from. Absent and forbidden files are expected inside a container: they read as null, and the
/// report says so. Tests give another root.
/// </summary>
internal sealed class SystemFiles(string root = "")
{
    // Files of /proc and /sys have no length. No file that the report needs comes near this; /etc belongs to whoever made the image.
    private const int MaxBytes = 1 << 20;

    public string? TryRead(string path)
    {
        try
        {
            using FileStream file = new(root + path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
            using StreamReader reader = new(file);
            var text = new char[4096];
            int length = 0;
            while (length < MaxBytes)
            {
                if (length == text.Length)
                    Array.Resize(ref text, text.Length * 2);
                int count = reader.Read(text, length, text.Length - length);
                if (count == 0)
                    break;
                length += count;
            }
            return new string(text, 0, length);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>The trimmed content, or null where the file is absent or empty.</summary>
    public string? TryReadLine(string path) => TryRead(path)?.Trim('\n', '\0', ' ') is { Length: > 0 } line ? line : null;

    public string? TryReadLink(string path)
    {
        try
        {
            return new FileInfo(root + path).LinkTarget;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    public string[] ReadLines(string path) => TryRead(path)?.Split('\n', StringSplitOptions.RemoveEmptyEntries) ?? [];
}
