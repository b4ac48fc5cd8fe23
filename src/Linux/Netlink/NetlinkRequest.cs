using Rundlet.Syscalls;

namespace Rundlet.Linux.Netlink;

/// <summary>One request of a batch, and what the kernel answered.</summary>
public sealed class NetlinkRequest
{
    internal NetlinkRequest(int offset, string operation, string subject, bool expectsAnswer)
    {
        Offset = offset;
        Operation = operation;
        Subject = subject;
        IsPending = expectsAnswer;
    }

    /// <summary>What it does.</summary>
    public string Operation { get; }

    /// <summary>On what; empty where there is nothing to name.</summary>
    public string Subject { get; }

    /// <summary>The kernel's answer; <see cref="Errno.None"/> for success and as long as there is none.</summary>
    public Errno Error { get; private set; }

    /// <summary>The kernel's own words for the error (an extended acknowledgement); null where it had none.</summary>
    public string? KernelText { get; private set; }

    internal int Offset { get; }

    internal bool IsPending { get; private set; }

    internal bool WasAnswered { get; private set; }

    internal void ExpectAnswer() => IsPending = true;

    internal void Answer(Errno error, string? text)
    {
        IsPending = false;
        WasAnswered = true;
        if (Error != Errno.None)
            return;
        Error = error;
        KernelText = text;
    }

    /// <summary>Throws if the kernel refused it.</summary>
    /// <exception cref="LinuxException">The kernel's error, with its own words behind the subject.</exception>
    public void ThrowIfFailed()
    {
        if (Error == Errno.None)
            return;
        string subject = (Subject.Length, KernelText) switch
        {
            (_, null) => Subject,
            (0, _) => KernelText,
            _ => $"{Subject}: {KernelText}",
        };
        throw new LinuxException(Error, Operation, subject);
    }
}
