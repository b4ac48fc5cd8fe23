namespace Rundlet.Runcs.Tests;

/// <summary>A small root file system: a static busybox and links to it.</summary>
internal static class TestRootfs
{
    public const string Busybox = "/bin/busybox";

    private static readonly string[] s_folders = ["bin", "dev", "etc", "proc", "sys", "tmp"];

    private static readonly string[] s_applets =
    [
        "cat", "chmod", "cut", "dd", "echo", "env", "false", "grep", "head", "hostname", "id", "kill", "ln", "ls", "mkdir", "mknod", "mount", "od", "ps",
        "pwd", "readlink", "rm", "seq", "sh", "sha256sum", "sleep", "sort", "stat", "stty", "tail", "touch", "tr", "true", "tty", "umount", "wc",
    ];

    /// <summary>
    /// Copies a program. Another program does it: were the file open for writing in this process, a child that another
    /// test forks at the same moment would have it open too, and execve would answer ETXTBSY.
    /// </summary>
    public static void CopyProgram(string from, string to)
    {
        using BoundedProcess copy = BoundedProcess.Start($"{to}.cp", ["cp", from, to]);
        copy.Wait().Good();
        File.Delete($"{to}.cp.out");
        File.Delete($"{to}.cp.err");
    }

    /// <summary>Writes a script that may be executed; see <see cref="CopyProgram"/>.</summary>
    public static void WriteScript(string path, string text)
    {
        File.WriteAllText($"{path}.text", text);
        CopyProgram($"{path}.text", path);
        File.Delete($"{path}.text");
        File.SetUnixFileMode(path, (UnixFileMode)0x1ED /* 0755 */);
    }

    /// <summary>Makes it in a folder. The program is a copy: a container may write to it.</summary>
    public static void Make(string folder)
    {
        foreach (string name in s_folders)
            Directory.CreateDirectory($"{folder}/{name}");
        CopyProgram(Busybox, $"{folder}/bin/busybox");
        foreach (string name in s_applets)
            File.CreateSymbolicLink($"{folder}/bin/{name}", "busybox");
    }
}
