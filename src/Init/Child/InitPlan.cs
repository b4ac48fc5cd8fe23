namespace Rundlet.Init;

/// <summary>The head of the native block that a child works off. All pointers lead into the same block.</summary>
public unsafe struct InitPlan
{
    /// <summary>The operations, in order.</summary>
    public Op* Ops;

    /// <summary>How many.</summary>
    public int OpCount;

    /// <summary>Where the child reports: the child's end of the socket pair, close-on-exec.</summary>
    public int StatusFd;

    /// <summary>The registers: fds and numbers that ops leave for later ops.</summary>
    public long* Slots;

    /// <summary>How many.</summary>
    public int SlotCount;

    /// <summary>The number by which the child reports the first operation.</summary>
    public int FirstOp;

    /// <summary>Which candidate <see cref="OpCode.FindExecutable"/> took.</summary>
    public int Executable;
}

/// <summary>What a child says: an op's index with an errno, or with 0 for a checkpoint.</summary>
public struct StatusRecord
{
    /// <summary>The index of the op.</summary>
    public int Op;

    /// <summary>The reason of a failure, or 0 at a checkpoint.</summary>
    public int Errno;
}
