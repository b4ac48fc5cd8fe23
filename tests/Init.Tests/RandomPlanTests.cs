using System.Text;
using Rundlet.Syscalls;

namespace Rundlet.Init.Tests;

/// <summary>Random plans: whatever a block points at lies inside it, and is what was put there.</summary>
public sealed unsafe class RandomPlanTests
{
    private const int Plans = 400;

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 8)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Everything_a_plan_points_at_lies_inside_the_block(int seed)
    {
        Random random = new(seed);
        for (int i = 0; i < Plans; i++)
            Check(new RandomPlan(random));
    }

    private static void Check(RandomPlan made)
    {
        using InitPlanBlock block = made.Builder.Build(3);
        InitPlan* plan = block.Plan;
        nint start = (nint)plan, end = start + block.Size;
        Assert.InRange((nint)plan->Slots, start + sizeof(InitPlan), end - plan->SlotCount * sizeof(long));
        Assert.InRange((nint)plan->Ops, (nint)(plan->Slots + plan->SlotCount), end - plan->OpCount * sizeof(Op));
        nint data = (nint)(plan->Ops + plan->OpCount);
        Assert.Equal(made.Ops.Count, plan->OpCount);
        for (int i = 0; i < plan->OpCount; i++)
            CheckOp(made.Ops[i], plan, plan->Ops + i, data, end);
    }

    private static void CheckOp(RandomOp made, InitPlan* plan, Op* op, nint data, nint end)
    {
        Assert.True(op->Result == Op.NoResult || op->Result < plan->SlotCount);
        Assert.InRange(op->Target1, Op.Next, plan->OpCount);
        Assert.InRange(op->Target2, Op.Next, plan->OpCount);
        if (op->Code is OpCode.Jump or OpCode.JumpIfSet)
            Assert.InRange(op->Args[0], 0, plan->OpCount);
        for (int i = 0; i < 6; i++)
        {
            if ((op->SlotMask >> i & 1) != 0)
                Assert.InRange(op->Args[i], 0, plan->SlotCount - 1);
        }
        foreach ((int index, byte[] content, bool aligned) in made.Data)
        {
            nint at = (nint)op->Args[index];
            Assert.InRange(at, data, end - content.Length);
            Assert.Equal(content, new Span<byte>((void*)at, content.Length).ToArray());
            Assert.True(!aligned || at % 8 == 0);
        }
        foreach ((int index, string[] items) in made.Vectors)
            CheckVector(items, (nint)op->Args[index], data, end);
    }

    private static void CheckVector(string[] items, nint vector, nint data, nint end)
    {
        Assert.InRange(vector, data, end - (items.Length + 1) * sizeof(long));
        Assert.Equal(0, vector % 8);
        for (int i = 0; i < items.Length; i++)
        {
            nint at = ((nint*)vector)[i];
            byte[] content = [.. Encoding.UTF8.GetBytes(items[i]), 0];
            Assert.InRange(at, data, end - content.Length);
            Assert.Equal(content, new Span<byte>((void*)at, content.Length).ToArray());
        }
        Assert.Equal(0, ((nint*)vector)[items.Length]);
    }
}

/// <summary>What was asked for in one op: its data by argument.</summary>
internal sealed record RandomOp(List<(int Index, byte[] Content, bool Aligned)> Data, List<(int Index, string[] Items)> Vectors);

/// <summary>A random use of the builder, and a record of it.</summary>
internal sealed class RandomPlan
{
    private const string Letters = "abc/äß漢𝄞 \n\u0001";
    private static readonly Errno[] s_errors = [Errno.EPERM, Errno.ENOENT, Errno.EEXIST, Errno.ENOTDIR];
    private readonly Random _random;
    private readonly List<PlanSlot> _slots = [];
    private readonly List<PlanLabel> _open = [];
    private readonly List<PlanLabel> _labels = [];

    public RandomPlan(Random random)
    {
        _random = random;
        int count = random.Next(40);
        for (int i = 0; i < count; i++)
            AddOne();
        foreach (PlanLabel label in _open)
            Builder.Place(label);
    }

    public InitPlanBuilder Builder { get; } = new();

    public List<RandomOp> Ops { get; } = [];

    private void AddOne()
    {
        if (_random.Next(3) == 0)
            _slots.Add(Builder.Slot());
        if (_random.Next(4) == 0)
            NewLabel();
        if (_open.Count > 0 && _random.Next(4) == 0)
            PlaceOne();
        if (_labels.Count > 0 && _random.Next(6) == 0)
        {
            AddJump();
            return;
        }
        RandomOp op = new([], []);
        PlanArg[] arguments = new PlanArg[_random.Next(7)];
        for (int i = 0; i < arguments.Length; i++)
            arguments[i] = AnyArgument(op, i);
        PlanSlot? result = _slots.Count > 0 && _random.Next(2) == 0 ? AnySlot() : null;
        Builder.Add("op", OpCode.SystemCall, result, _random.Next(480), AnyTolerated(), AnyTolerated(), arguments);
        Ops.Add(op);
    }

    private void NewLabel()
    {
        PlanLabel label = Builder.Label();
        _labels.Add(label);
        _open.Add(label);
    }

    private void PlaceOne()
    {
        int index = _random.Next(_open.Count);
        Builder.Place(_open[index]);
        _open.RemoveAt(index);
    }

    private void AddJump()
    {
        PlanLabel label = _labels[_random.Next(_labels.Count)];
        if (_slots.Count > 0 && _random.Next(2) == 0)
            Builder.JumpIfSet(AnySlot(), label);
        else
            Builder.Jump(label);
        Ops.Add(new RandomOp([], []));
    }

    private PlanArg AnyArgument(RandomOp op, int index)
    {
        switch (_random.Next(5))
        {
            case 0 when _slots.Count > 0:
                return AnySlot();
            case 1:
                string text = AnyText();
                op.Data.Add((index, [.. Encoding.UTF8.GetBytes(text), 0], false));
                return Builder.Text(text);
            case 2:
                byte[] bytes = new byte[_random.Next(5) == 0 ? _random.Next(9000) : _random.Next(40)];
                _random.NextBytes(bytes);
                op.Data.Add((index, bytes, true));
                return Builder.Data(bytes);
            case 3:
                string[] items = new string[_random.Next(5)];
                for (int i = 0; i < items.Length; i++)
                    items[i] = AnyText();
                op.Vectors.Add((index, items));
                return Builder.Vector(items);
            default:
                return _random.NextInt64();
        }
    }

    private string AnyText()
    {
        Rune[] runes = [.. Letters.EnumerateRunes()];
        StringBuilder text = new();
        for (int length = _random.Next(12); length > 0; length--)
            text.Append(runes[_random.Next(runes.Length)]);
        return text.ToString();
    }

    private PlanSlot AnySlot() => _slots[_random.Next(_slots.Count)];

    private Tolerated? AnyTolerated() => _random.Next(3) switch
    {
        0 => null,
        1 => new Tolerated(s_errors[_random.Next(s_errors.Length)]),
        _ => _labels.Count == 0 ? null : new Tolerated(s_errors[_random.Next(s_errors.Length)], _labels[_random.Next(_labels.Count)]),
    };
}
