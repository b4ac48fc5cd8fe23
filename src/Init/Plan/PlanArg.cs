namespace Rundlet.Init;

/// <summary>An argument of an op while the plan is being made: a number, the content of a slot, or bytes of the block.</summary>
public readonly struct PlanArg
{
    private PlanArg(PlanArgKind kind, long value)
    {
        Kind = kind;
        Value = value;
    }

    /// <summary>Which of the three.</summary>
    internal PlanArgKind Kind { get; }

    /// <summary>The number, the slot, or the offset in the block.</summary>
    internal long Value { get; }

    /// <summary>A plain number, an fd of the parent among them.</summary>
    public static implicit operator PlanArg(long value) => new(PlanArgKind.Number, value);

    /// <summary>What an earlier op left in a slot.</summary>
    public static implicit operator PlanArg(PlanSlot slot) => new(PlanArgKind.Slot, slot.Index);

    /// <summary>The address of bytes in the block.</summary>
    public static implicit operator PlanArg(PlanData data) => new(PlanArgKind.Data, data.Offset);
}

/// <summary>The three sorts of argument.</summary>
internal enum PlanArgKind : byte
{
    Number,
    Slot,
    Data,
}

/// <summary>A register of the child.</summary>
/// <param name="Index">Its number.</param>
public readonly record struct PlanSlot(int Index);

/// <summary>Bytes in the block.</summary>
/// <param name="Offset">Where they start, in bytes from the start of the data.</param>
public readonly record struct PlanData(int Offset);

/// <summary>A place in the list of ops to jump to; placed by <see cref="InitPlanBuilder.Place"/>.</summary>
/// <param name="Id">Its number.</param>
public readonly record struct PlanLabel(int Id);

/// <summary>An error that an op may have: the child goes on at the label, or with the next op where there is none.</summary>
/// <param name="Errno">The error.</param>
/// <param name="Target">Where to go on.</param>
public readonly record struct Tolerated(Rundlet.Syscalls.Errno Errno, PlanLabel? Target = null);
