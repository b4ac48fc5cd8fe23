namespace Rundlet.Callers.Tests;

/// <summary>Programs that a machine may lack.</summary>
internal static class InstalledProgram
{
    private static readonly string[] s_folders = ["/usr/sbin", "/usr/bin", "/sbin", "/bin"];

    /// <summary>The program of a Debian package: /usr/local may hold others of the name. Null where it is not installed.</summary>
    public static string? Find(string name) => s_folders.Select(folder => $"{folder}/{name}").FirstOrDefault(File.Exists);

    /// <summary>The same; skips the test where it is not installed.</summary>
    public static string Require(string name, string package)
    {
        if (Find(name) is { } path)
            return path;
        Assert.Skip($"needs the Debian package {package}");
        return "";
    }
}
