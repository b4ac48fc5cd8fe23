namespace Rundlet.Engine.Diagnosis;

/// <summary>Lines that programs everywhere write before they give up, and what they come from in a container.</summary>
internal static class LogClue
{
    private static readonly (string Words, string Text, string Hint)[] s_known =
    [
        ("error while loading shared libraries:", "a shared library is missing", "install its package in the image"),
        ("Error loading shared library", "a shared library is missing", "install its package in the image"),
        ("version `GLIBC_", "the program wants a newer C library than the image has", "take a newer image, or build the program on an older one"),
        ("exec format error", "a program is for another processor, or a script without a #! line", "use an image for this machine: --platform"),
        ("Exec format error", "a program is for another processor, or a script without a #! line", "use an image for this machine: --platform"),
        ("Read-only file system", "something was to be written where nothing can be", "leave --read-only away, or mount a volume or a --tmpfs there"),
        ("No space left on device", "a disk is full", "rundlet system df shows what takes room"),
        ("Address already in use", "a port was taken, by another program of the container or, with --network host, of the machine", "choose another port"),
        ("address already in use", "a port was taken, by another program of the container or, with --network host, of the machine", "choose another port"),
        ("Operation not permitted", "something was refused that needs a capability, or a system call that is filtered", "see --cap-add and --security-opt; avoid --privileged"),
        ("Too many open files", "it had too many files open", "--ulimit nofile=65536"),
        ("Cannot allocate memory", "it could not get memory", "give it more: --memory"),
        ("Resource temporarily unavailable", "it could not start a process or thread", "see --pids-limit and --ulimit nproc"),
    ];

    /// <summary>What a line tells; null for most.</summary>
    public static Finding? Of(string line)
    {
        foreach ((string words, string text, string hint) in s_known)
        {
            if (line.Contains(words, StringComparison.Ordinal))
                return new Finding($"its log says that {text}: '{line.Trim()}'", hint);
        }
        return null;
    }
}
