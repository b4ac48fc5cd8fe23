using Rundlet.Syscalls;

namespace Rundlet.Runcs.Tests;

// What belongs in this project: the runtime as a black box, driven by its command line as an engine drives it. What
// does not: anything that looks into its libraries. RUNTIME=/usr/sbin/runc runs the same tests against another runtime,
// which proves that they demand what the specification says and not what runcs happens to do.

/// <summary>The runtime under test.</summary>
internal static class RuntimeProgram
{
    /// <summary>Its file: the environment's RUNTIME, or the one that this checkout built.</summary>
    public static string Path { get; } = Environment.GetEnvironmentVariable("RUNTIME") is { Length: > 0 } named ? named : Built();

    /// <summary>Whether it is ours.</summary>
    public static bool IsOurs { get; } = System.IO.Path.GetFileName(Path) == "runcs";

    /// <summary>For a demand that goes beyond what other runtimes do.</summary>
    public static void SkipUnlessOurs(string reason = "only runcs promises this")
    {
        if (!IsOurs)
            Assert.Skip(reason);
    }

    public static void SkipUnlessPossible()
    {
        if (Sys.geteuid() != 0)
            Assert.Skip("needs root to make containers");
        if (!File.Exists(Path))
            Assert.Skip($"needs the runtime at '{Path}': build it, or set RUNTIME");
        if (!File.Exists(TestRootfs.Busybox))
            Assert.Skip("needs the Debian package busybox-static");
    }

    /// <summary>The checkout that the tests were built in.</summary>
    public static string Repository
    {
        get
        {
            DirectoryInfo? folder = new(AppContext.BaseDirectory);
            while (folder is not null && !File.Exists($"{folder.FullName}/Rundlet.slnx"))
                folder = folder.Parent;
            return folder?.FullName ?? "";
        }
    }

    private static string Built() => Repository.Length == 0 ? "runcs" : $"{Repository}/artifacts/bin/runcs";
}
