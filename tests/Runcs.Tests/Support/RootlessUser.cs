namespace Rundlet.Runcs.Tests;

/// <summary>A user without any right, by number: this machine need not know them.</summary>
internal static class RootlessUser
{
    public const int Id = 4242;

    /// <summary>The first of the subordinate ids that <see cref="WithSubordinateIds"/> gives.</summary>
    public const int FirstSubordinate = 300000;

    private static readonly string[] s_become =
        ["setpriv", "--reuid", $"{Id}", "--regid", $"{Id}", "--clear-groups", "--inh-caps=-all", "env", "-i", "PATH=/usr/bin:/bin"];

    /// <summary>Turns a container into one of the user's: their bundle and state, their own id as root, the runtime started by them.</summary>
    /// <param name="container">The container.</param>
    /// <param name="scratch">A folder of the test.</param>
    /// <param name="more">Variables of the environment, as <c>NAME=value</c>.</param>
    public static TestContainer Rootless(this TestContainer container, string scratch, params string[] more)
    {
        // The runtime may lie where only root comes.
        string program = $"{container.Folder}/{Path.GetFileName(RuntimeProgram.Path)}";
        if (!File.Exists(program))
            TestRootfs.CopyProgram(RuntimeProgram.Path, program);
        Directory.CreateDirectory(container.StateRoot);
        UserNamespaces.Chown(container, scratch, $"{Id}:{Id}");
        using (BoundedProcess chown = BoundedProcess.Start($"{scratch}/chown-state", ["chown", $"{Id}:{Id}", container.StateRoot, container.Bundle]))
            chown.Wait().Good();
        container.Launcher = [.. s_become, .. more, program];
        container.LinuxPart.Remove("cgroupsPath");
        container.Namespace("user");
        UserNamespaces.Map(container, new Range(0, Id, 1));
        return container;
    }

    /// <summary>
    /// Gives the user the ids from <see cref="FirstSubordinate"/> on, where only the runtime sees it: in a mount namespace with
    /// other files in /etc.
    /// </summary>
    public static TestContainer WithSubordinateIds(this TestContainer container, string scratch)
    {
        File.WriteAllText($"{scratch}/passwd", File.ReadAllText("/etc/passwd") + $"rootless:x:{Id}:{Id}::/:/bin/sh\n");
        File.WriteAllText($"{scratch}/subid", $"rootless:{FirstSubordinate}:65536\n");
        string script = $"mount --bind {scratch}/passwd /etc/passwd && mount --bind {scratch}/subid /etc/subuid && mount --bind {scratch}/subid /etc/subgid && exec \"$@\"";
        container.Launcher = ["unshare", "--mount", "--propagation", "private", "sh", "-c", script, "sh", .. container.Launcher];
        UserNamespaces.Map(container, new Range(0, Id, 1), new Range(1, FirstSubordinate, 65536));
        return container;
    }

    /// <summary>Starts the runtime in a cgroup of its own, which the user may write.</summary>
    public static TestContainer InCgroup(this TestContainer container, string folder)
    {
        container.Launcher = ["sh", "-c", $"echo $$ > {folder}/cgroup.procs && exec \"$@\"", "sh", .. container.Launcher];
        return container;
    }
}

/// <summary>Ids that a map has side by side.</summary>
internal readonly record struct Range(int Inside, int Outside, int Count);
