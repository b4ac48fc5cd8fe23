using Rundlet.Init;
using Rundlet.Linux;
using Rundlet.Linux.Cgroups;
using Rundlet.Oci;
using Rundlet.Runtime.Planning;
using Rundlet.Syscalls;

namespace Rundlet.Runtime;

/// <summary>Words for what a child reported. For the executable they are runc's, because callers match them.</summary>
internal static class ChildFailure
{
    /// <summary>The failure of an op as an exception.</summary>
    public static ContainerException Of(InitPlanBlock block, ChildEvent failure, Process process) => block.CodeOf(failure.Op) switch
    {
        OpCode.FindExecutable => OfExecutable(failure.Errno, process.Args![0], process),
        OpCode.Execute => OfExecution(failure.Errno, process.Args![0], process),
        OpCode.CheckWorkingDirectory => new ContainerException(ContainerErrorKind.PermissionDenied, $"process.cwd: '{process.Cwd}' leads out of the container's root"),
        // move_mount(2) says no more of it, and engines look for these words to tell their users what to do.
        _ when failure.Errno == Errno.EINVAL && block.NumberOf(failure.Op) == SYS.move_mount =>
            new ContainerException(ContainerErrorKind.InvalidArgument, $"{block.SentenceOf(failure.Op)}: not a directory, where the other is one, or the kernel has another reason: EINVAL (Invalid argument)")
            {
                Hint = "a folder can only be mounted on a folder, and a file on a file",
            },
        _ => new ContainerException(CreateContainer.KindOf(failure.Errno), block.SentenceOf(failure.Op), new LinuxException(failure.Errno, "the kernel says")) { Hint = HintOf(block.SentenceOf(failure.Op), failure.Errno) },
    };

    private static string? HintOf(string sentence, Errno errno)
    {
        if (sentence.StartsWith(ProcessPlanner.ProfileSentence, StringComparison.Ordinal) && errno == Errno.ENOENT)
            return "the profile is not loaded; load it: apparmor_parser --replace FILE";
        if (sentence.StartsWith(ProcessPlanner.LabelSentence, StringComparison.Ordinal) && errno == Errno.EINVAL)
            return "the policy does not know the label; see: seinfo --type, chcon(1)";
        return sentence == "join a session keyring" && errno == Errno.EDQUOT ? "raise kernel.keys.maxkeys, or use --no-new-keyring" : null;
    }

    /// <summary>The failure to execute a program that was found.</summary>
    /// <param name="errno">execve's.</param>
    /// <param name="name">The program.</param>
    /// <param name="process">What it was to become.</param>
    public static ContainerException OfExecution(Errno errno, string name, Process? process) => errno == Errno.ENOENT
        ? new(ContainerErrorKind.NotFound, $"exec: \"{name}\": no such file or directory: what it needs to run is missing") { Hint = "the interpreter that its first line names, or the loader of its libraries, is not in the image" }
        : OfExecutable(errno, name, process);

    /// <summary>The failure to find or execute a program.</summary>
    /// <param name="errno">execve's.</param>
    /// <param name="name">The program.</param>
    /// <param name="process">What it was to become, for whose label a policy may have refused; null for a hook.</param>
    public static ContainerException OfExecutable(Errno errno, string name, Process? process = null)
    {
        string quoted = $"exec: \"{name}\"";
        return errno switch
        {
            Errno.ENOENT or Errno.ENOTDIR when !name.Contains('/') =>
                new(ContainerErrorKind.NotFound, $"{quoted}: executable file not found in $PATH") { Hint = $"check the spelling of '{name}' and the PATH of the image" },
            Errno.ENOENT or Errno.ENOTDIR =>
                new(ContainerErrorKind.NotFound, $"{quoted}: stat {name}: no such file or directory"),
            Errno.EACCES or Errno.EPERM =>
                new(ContainerErrorKind.PermissionDenied, $"{quoted}: permission denied") { Hint = $"make '{name}' executable: chmod +x{OrPolicy(process)}" },
            Errno.EISDIR =>
                new(ContainerErrorKind.PermissionDenied, $"{quoted}: is a directory: permission denied"),
            Errno.ENOEXEC =>
                new(ContainerErrorKind.PermissionDenied, $"{quoted}: exec format error") { Hint = "the file is for another processor, or a script without a #! line" },
            Errno.ELOOP =>
                new(ContainerErrorKind.PermissionDenied, $"{quoted}: permission denied: its path leads through a link of procfs, or symbolic links lead in a circle"),
            _ => new(ContainerErrorKind.Internal, quoted, new LinuxException(errno, "execve", name)),
        };
    }

    private static string OrPolicy(Process? process) => process switch
    {
        { SelinuxLabel: { Length: > 0 } label } => $"; or label it so that '{label}' may be entered through it",
        { ApparmorProfile: { Length: > 0 } profile } when profile != ProcessLabels.Unconfined => $"; or let the profile '{profile}' execute it",
        _ => "",
    };
}
