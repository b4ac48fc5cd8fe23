using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Rundlet.Syscalls;

namespace Rundlet.Init;

/// <summary>A finished plan in one native block, with the sentences for the parent.</summary>
public sealed unsafe class InitPlanBlock : IDisposable
{
    private readonly PlannedOp[] _ops;
    private InitPlan* _plan;

    internal InitPlanBlock(
        ReadOnlySpan<PlannedOp> ops, List<int> labels, ReadOnlySpan<byte> data, List<(int At, int Target)> pointers, int slots, int statusFd)
    {
        _ops = ops.ToArray();
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
        };
        new Span<long>(_plan->Slots, slots).Fill(-1);
        data.CopyTo(new Span<byte>(block + dataAt, data.Length));
        foreach ((int at, int target) in pointers)
            *(byte**)(block + dataAt + at) = block + dataAt + target;
        for (int i = 0; i < ops.Length; i++)
            Encode(in ops[i], labels, block + dataAt, _plan->Ops + i);
    }

    /// <summary>The head of the block; valid until <see cref="Dispose"/>.</summary>
    public InitPlan* Plan => _plan != null ? _plan : throw new ObjectDisposedException(nameof(InitPlanBlock));

    /// <summary>The length of the block in bytes.</summary>
    public int Size { get; }

    /// <summary>What the op does, as the error says it.</summary>
    public string SentenceOf(int op) => (uint)op < (uint)_ops.Length ? _ops[op].Sentence : "start the process";

    /// <summary>What the op is, so that the parent can choose a better error for some.</summary>
    public OpCode CodeOf(int op) => (uint)op < (uint)_ops.Length ? _ops[op].Code : OpCode.SystemCall;

    /// <summary>The plan as text, an op a line: for golden files and for debugging.</summary>
    public string Describe()
    {
        StringBuilder text = new();
        for (int i = 0; i < _ops.Length; i++)
        {
            PlannedOp op = _ops[i];
            string name = op.Code == OpCode.SystemCall ? $"call {op.Number}" : op.Code.ToString();
            string[] arguments = new string[op.Arguments.Length];
            for (int a = 0; a < arguments.Length; a++)
                arguments[a] = op.Arguments[a].Kind switch { PlanArgKind.Slot => $"${op.Arguments[a].Value}", PlanArgKind.Data => "&", _ => $"{op.Arguments[a].Value}" };
            string result = op.Result is { } slot ? $" -> ${slot.Index}" : "";
            string tolerated = (op.First is { } first ? $" ?{ErrnoText.Name(first.Errno)}" : "") + (op.Second is { } second ? $" ?{ErrnoText.Name(second.Errno)}" : "");
            text.Append(CultureInfo.InvariantCulture, $"{i,3} {name}({string.Join(", ", arguments)}){result}{tolerated}  # {op.Sentence}\n");
        }
        return text.ToString();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        NativeMemory.Free(_plan);
        _plan = null;
    }

    private static void Encode(in PlannedOp from, List<int> labels, byte* data, Op* to)
    {
        *to = new Op
        {
            Code = from.Code,
            Result = from.Result is { } slot ? checked((ushort)slot.Index) : Op.NoResult,
            Number = checked((ushort)from.Number),
            Errno1 = (ushort)(from.First?.Errno ?? Errno.None),
            Errno2 = (ushort)(from.Second?.Errno ?? Errno.None),
            Target1 = TargetOf(from.First, labels),
            Target2 = TargetOf(from.Second, labels),
        };
        for (int i = 0; i < from.Arguments.Length; i++)
        {
            PlanArg argument = from.Arguments[i];
            to->Args[i] = argument.Kind == PlanArgKind.Data ? (long)(data + argument.Value) : argument.Value;
            if (argument.Kind == PlanArgKind.Slot)
                to->SlotMask |= (ushort)(1 << i);
        }
        if (from.Code is OpCode.Jump or OpCode.JumpIfSet)
            to->Args[0] = PlaceOf(new PlanLabel((int)from.Arguments[0].Value), labels);
    }

    private static int TargetOf(Tolerated? tolerated, List<int> labels)
    {
        return tolerated?.Target is { } label ? PlaceOf(label, labels) : Op.Next;
    }

    private static int PlaceOf(PlanLabel label, List<int> labels) =>
        labels[label.Id] >= 0 ? labels[label.Id] : throw new InvalidOperationException("a label of the plan was never placed");
}
