using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Rundlet.Syscalls;

namespace Rundlet.Init;

/// <summary>A finished plan in one native block, with the sentences for the parent.</summary>
public sealed unsafe class InitPlanBlock : IDisposable
{
    private readonly PlannedOp[] _notes;
    private readonly int _count;
    private InitPlan* _plan;
    private bool _kept;

    internal InitPlanBlock(
        ReadOnlySpan<Op> ops, PlannedOp[] notes, List<int> labels, ReadOnlySpan<byte> data, List<(int At, int Target)> pointers, int slots, int statusFd, int firstOp)
    {
        _notes = notes;
        _count = ops.Length;
        int slotsAt = sizeof(InitPlan);
        int opsAt = slotsAt + slots * sizeof(long);
        int dataAt = opsAt + ops.Length * sizeof(Op);
        Size = dataAt + data.Length;
        byte* block = (byte*)NativeMemory.Alloc((nuint)Size);
        _plan = (InitPlan*)block;
        *_plan = new InitPlan
        {
            Ops = (Op*)(block + opsAt),
            OpCount = ops.Length,
            StatusFd = statusFd,
            Slots = (long*)(block + slotsAt),
            SlotCount = slots,
            FirstOp = firstOp,
        };
        new Span<long>(_plan->Slots, slots).Fill(-1);
        data.CopyTo(new Span<byte>(block + dataAt, data.Length));
        foreach ((int at, int target) in pointers)
            *(byte**)(block + dataAt + at) = block + dataAt + target;
        ops.CopyTo(new Span<Op>(_plan->Ops, ops.Length));
        for (int i = 0; i < ops.Length; i++)
            Link(_plan->Ops + i, notes[i].DataMask, labels, block + dataAt);
    }

    /// <summary>The head of the block; valid until <see cref="Dispose"/>.</summary>
    public InitPlan* Plan => _plan != null ? _plan : throw new ObjectDisposedException(nameof(InitPlanBlock));

    /// <summary>The length of the block in bytes.</summary>
    public int Size { get; }

    /// <summary>What the child worked off before it followed this plan, with numbers from <see cref="InitPlanBuilder.EarlyOps"/> on; null for nothing.</summary>
    public InitPlanBlock? Before { get; set; }

    /// <summary>What the op does, as the error says it.</summary>
    public string SentenceOf(int op) => op >= InitPlanBuilder.EarlyOps && Before is { } before ? before.SentenceOf(op - InitPlanBuilder.EarlyOps) : (uint)op < (uint)_count ? _notes[op].Sentence.ToString() : "start the process";

    /// <summary>What the op is, so that the parent can choose a better error for some.</summary>
    public OpCode CodeOf(int op) => op >= InitPlanBuilder.EarlyOps && Before is { } before ? before.CodeOf(op - InitPlanBuilder.EarlyOps) : (uint)op < (uint)_count ? Plan->Ops[op].Code : OpCode.SystemCall;

    /// <summary>The system call of an op of kind <see cref="OpCode.SystemCall"/>; -1 for others.</summary>
    public int NumberOf(int op) => (uint)op < (uint)_count && Plan->Ops[op].Code == OpCode.SystemCall ? Plan->Ops[op].Number : -1;

    /// <summary>The plan as text, an op a line: for golden files and for debugging.</summary>
    public string Describe()
    {
        StringBuilder text = new();
        for (int i = 0; i < _count; i++)
        {
            Op* op = Plan->Ops + i;
            string name = op->Code == OpCode.SystemCall ? $"call {op->Number}" : op->Code.ToString();
            string[] arguments = new string[_notes[i].Arguments];
            for (int a = 0; a < arguments.Length; a++)
                arguments[a] = (op->SlotMask >> a & 1) != 0 ? $"${op->Args[a]}" : (_notes[i].DataMask >> a & 1) != 0 ? "&" : $"{op->Args[a]}";
            string result = op->Result != Op.NoResult ? $" -> ${op->Result}" : "";
            string tolerated = NameOf(op->Errno1) + NameOf(op->Errno2);
            text.Append(CultureInfo.InvariantCulture, $"{i,3} {name}({string.Join(", ", arguments)}){result}{tolerated}  # {_notes[i].Sentence.ToString()}\n");
        }
        return text.ToString();
    }

    /// <summary>Makes the memory stay for the rest of this process' life, because a child works in it.</summary>
    internal void Keep() => _kept = true;

    /// <summary>Writes a register of the child, which must wait meanwhile.</summary>
    public void Write(PlanSlot slot, long value) => Plan->Slots[slot.Index] = value;

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!_kept)
            NativeMemory.Free(_plan);
        _plan = null;
    }

    private static string NameOf(ushort tolerated) => tolerated != 0 ? $" ?{ErrnoText.Name((Errno)tolerated)}" : "";

    // Offsets become addresses, labels become places.
    private static void Link(Op* op, byte dataMask, List<int> labels, byte* data)
    {
        if (op->Target1 != Op.Next)
            op->Target1 = PlaceOf(op->Target1, labels);
        if (op->Target2 != Op.Next)
            op->Target2 = PlaceOf(op->Target2, labels);
        if (op->Code is OpCode.Jump or OpCode.JumpIfSet or OpCode.RunHook)
            op->Args[0] = PlaceOf((int)op->Args[0], labels);
        for (int i = 0; dataMask >> i != 0; i++)
        {
            if ((dataMask >> i & 1) != 0)
                op->Args[i] += (long)data;
        }
    }

    private static int PlaceOf(int label, List<int> labels) =>
        labels[label] >= 0 ? labels[label] : throw new InvalidOperationException("a label of the plan was never placed");
}
