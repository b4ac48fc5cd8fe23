namespace Rundlet.Supervisor.Tests;

/// <summary>
/// The program as it is shipped. A build for the JIT cannot stand in: the container's first process would have to be
/// compiled between clone3 and execve.
/// </summary>
internal static class SupervisorBinary
{
    /// <summary>Its path; skips the test where it was not built, or where we are not root.</summary>
    public static string Require()
    {
        if (!Environment.IsPrivilegedProcess)
            Assert.Skip("needs root");
        if (!File.Exists("/bin/busybox"))
            Assert.Skip("needs a static /bin/busybox");
        string folder = Environment.GetEnvironmentVariable("RUNDLET_BIN") ?? Path.Combine(RepositoryRoot(), "artifacts", "bin");
        string path = Path.Combine(folder, "rundlet-supervisor");
        if (!File.Exists(path))
            Assert.Skip($"needs the published supervisor in '{folder}' (or in RUNDLET_BIN)");
        return path;
    }

    private static string RepositoryRoot()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "Rundlet.slnx")))
            folder = Path.GetDirectoryName(folder);
        return folder ?? "/";
    }
}
