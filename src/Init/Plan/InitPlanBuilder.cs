using System.Runtime.InteropServices;
using System.Text;
using Rundlet.Syscalls;

namespace Rundlet.Init;

/// <summary>
/// Makes a plan: ops in order, their strings, and per op the sentence that the parent says when it fails. Everything
/// is checked here, so that the child needs no checks.
/// </summary>
public sealed partial class InitPlanBuilder
{
    /// <summary>The number of the first op of a plan that another follows.</summary>
    public const int EarlyOps = 1 << 20;

    private PlannedOp[] _notes;
    private Op[] _ops;
    private int _count;
    private readonly List<int> _labels = [];
    private readonly List<(int At, int Target)> _pointers = [];
    private byte[] _data;
    private int _dataLength;
    private int _slots;

    /// <summary>Starts a plan.</summary>
    /// <param name="ops">How many ops there is room for at first; a usual container has four hundred.</param>
    public InitPlanBuilder(int ops = 512)
    {
        _notes = new PlannedOp[ops];
        _ops = new Op[ops];
        _data = new byte[64 * ops];
    }

    /// <summary>The number of ops so far; the index of the next one.</summary>
    public int Count => _count;

    /// <summary>A new register; holds -1 until an op writes it.</summary>
    public PlanSlot Slot() => new(_slots++);

    /// <summary>A label to be placed later.</summary>
    public PlanLabel Label()
    {
        _labels.Add(-1);
        return new PlanLabel(_labels.Count - 1);
    }

    /// <summary>Puts a label before the next op.</summary>
    public void Place(PlanLabel label) => _labels[label.Id] = _count;

    /// <summary>Copies bytes into the block, aligned to eight.</summary>
    public PlanData Data(ReadOnlySpan<byte> bytes)
    {
        int offset = (_dataLength + 7) & ~7;
        Reserve(offset + bytes.Length);
        bytes.CopyTo(_data.AsSpan(offset));
        return new PlanData(offset);
    }

    /// <summary>Copies a struct into the block.</summary>
    public PlanData Struct<T>(in T value) where T : unmanaged => Data(MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in value)));

    /// <summary>Writes a struct over data of the block.</summary>
    public void Overwrite<T>(PlanData at, in T value) where T : unmanaged =>
        MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in value)).CopyTo(_data.AsSpan(at.Offset));

    /// <summary>Copies a string into the block as UTF-8 with a NUL behind it.</summary>
    /// <exception cref="ArgumentException">The string holds a NUL.</exception>
    public PlanData Text(string text)
    {
        if (text.Contains('\0'))
            throw new ArgumentException("a NUL byte inside a path, argument or variable");
        int length = Encoding.UTF8.GetByteCount(text);
        int offset = _dataLength;
        Reserve(offset + length + 1);
        Encoding.UTF8.GetBytes(text, _data.AsSpan(offset));
        return new PlanData(offset);
    }

    /// <summary>A vector of strings that ends with a null pointer, as execve(2) wants it.</summary>
    public PlanData Vector(IReadOnlyList<string> items)
    {
        PlanData vector = Data(new byte[(items.Count + 1) * sizeof(long)]);
        for (int i = 0; i < items.Count; i++)
            Pointer(vector, i * sizeof(long), Text(items[i]));
        return vector;
    }

    /// <summary>Writes the address of <paramref name="target"/> into data of the block.</summary>
    public void Pointer(PlanData at, int offset, PlanData target) => _pointers.Add((at.Offset + offset, target.Offset));

    /// <summary>Adds an op.</summary>
    /// <param name="sentence">What it does, for the error: <c>mount proc on '/proc'</c>.</param>
    /// <param name="code">What it does, for the child.</param>
    /// <param name="result">The slot for the answer.</param>
    /// <param name="number">The system call of a <see cref="OpCode.SystemCall"/>.</param>
    /// <param name="first">The first error it may have.</param>
    /// <param name="second">The second error it may have.</param>
    /// <param name="arguments">At most six.</param>
    /// <returns>The op's index.</returns>
    public int Add(PlanSentence sentence, OpCode code, PlanSlot? result, int number, Tolerated? first, Tolerated? second, ReadOnlySpan<PlanArg> arguments)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(arguments.Length, 6);
        if (_count == _ops.Length)
        {
            Array.Resize(ref _ops, 2 * _count);
            Array.Resize(ref _notes, 2 * _count);
        }
        ref Op op = ref _ops[_count];
        op.Code = code;
        op.Result = result is { } slot ? checked((ushort)slot.Index) : Op.NoResult;
        op.Number = checked((ushort)number);
        (op.Errno1, op.Target1) = Encode(first);
        (op.Errno2, op.Target2) = Encode(second);
        byte data = 0;
        for (int i = 0; i < arguments.Length; i++)
        {
            op.Args[i] = arguments[i].Value;
            if (arguments[i].Kind == PlanArgKind.Slot)
                op.SlotMask |= (ushort)(1 << i);
            else if (arguments[i].Kind == PlanArgKind.Data)
                data |= (byte)(1 << i);
        }
        _notes[_count] = new PlannedOp(sentence, (byte)arguments.Length, data);
        return _count++;
    }

    // A label stands as its number until the plan is built.
    private static (ushort Errno, int Target) Encode(Tolerated? tolerated) =>
        tolerated is { } error ? ((ushort)error.Errno, error.Target?.Id ?? Op.Next) : ((ushort)0, Op.Next);

    /// <summary>Adds one system call.</summary>
    public void Call(PlanSentence sentence, int number, params ReadOnlySpan<PlanArg> arguments) =>
        Add(sentence, OpCode.SystemCall, null, number, null, null, arguments);

    /// <summary>Adds one system call whose answer is kept.</summary>
    public void Call(PlanSentence sentence, PlanSlot result, int number, params ReadOnlySpan<PlanArg> arguments) =>
        Add(sentence, OpCode.SystemCall, result, number, null, null, arguments);

    /// <summary>Adds one system call that may fail in one way.</summary>
    public void Call(PlanSentence sentence, PlanSlot? result, Tolerated tolerated, int number, params ReadOnlySpan<PlanArg> arguments) =>
        Add(sentence, OpCode.SystemCall, result, number, tolerated, null, arguments);

    /// <summary>Adds one system call that may fail in two ways.</summary>
    public void Call(PlanSentence sentence, PlanSlot? result, Tolerated first, Tolerated second, int number, params ReadOnlySpan<PlanArg> arguments) =>
        Add(sentence, OpCode.SystemCall, result, number, first, second, arguments);

    /// <summary>Adds a jump.</summary>
    public void Jump(PlanLabel label) => Add("jump", OpCode.Jump, null, 0, null, null, [new PlanArgLabel(label).AsArg()]);

    /// <summary>Adds a jump that is taken where the slot holds an answer that was no error.</summary>
    public void JumpIfSet(PlanSlot slot, PlanLabel label) => Add("jump", OpCode.JumpIfSet, null, 0, null, null, [new PlanArgLabel(label).AsArg(), slot]);

    /// <summary>Adds a fork: a new process carries out the ops that follow, the others come from <paramref name="end"/> on.</summary>
    /// <param name="sentence">What it does, for the error.</param>
    /// <param name="end">Where this process goes on when the new one has ended well.</param>
    /// <param name="seconds">The longest wait; negative waits for ever.</param>
    /// <returns>The op's index.</returns>
    public int RunHook(string sentence, PlanLabel end, long seconds) =>
        Add(sentence, OpCode.RunHook, null, 0, null, null, [new PlanArgLabel(end).AsArg(), Struct(new timespec { tv_sec = seconds })]);

    /// <summary>Adds an op that tells the parent that the child came this far.</summary>
    /// <returns>The op's index, as the parent will receive it.</returns>
    public int Checkpoint(PlanSentence sentence) => Add(sentence, OpCode.Checkpoint, null, 0, null, null, []);

    /// <summary>Adds a wait for one byte from the other side of a socket or pipe.</summary>
    public void Await(PlanSentence sentence, PlanArg fd) => Add(sentence, OpCode.Await, null, 0, null, null, [fd]);

    /// <summary>The finished plan.</summary>
    /// <param name="statusFd">The child's end of the socket pair to the parent.</param>
    /// <param name="isEarly">Whether another plan follows it: its ops are reported from <see cref="EarlyOps"/> on.</param>
    public InitPlanBlock Build(int statusFd, bool isEarly = false) =>
        new(_ops.AsSpan(0, _count), _notes, _labels, _data.AsSpan(0, _dataLength), _pointers, _slots, statusFd, isEarly ? EarlyOps : 0);

    private void Reserve(int length)
    {
        if (length > _data.Length)
            Array.Resize(ref _data, Math.Max(length, 2 * _data.Length));
        _dataLength = length;
    }
}

/// <summary>A label as an argument of a jump: stands as its id and is resolved when the plan is built.</summary>
internal readonly record struct PlanArgLabel(PlanLabel Label)
{
    public PlanArg AsArg() => Label.Id;
}
