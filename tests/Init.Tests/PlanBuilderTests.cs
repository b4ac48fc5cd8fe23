using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Rundlet.Syscalls;

namespace Rundlet.Init.Tests;

// What belongs in this project: the block that InitPlanBuilder makes, byte by byte. Nothing here clones: a process with
// many managed threads must not. What the child does with a plan is tested through runcs, in Runcs.Tests.

public sealed unsafe class PlanBuilderTests
{
    private const int StatusFd = 77;

    [Fact]
    public void An_empty_plan_has_no_ops_and_no_slots()
    {
        using InitPlanBlock block = new InitPlanBuilder().Build(StatusFd);
        Assert.Equal(0, block.Plan->OpCount);
        Assert.Equal(0, block.Plan->SlotCount);
        Assert.Equal(StatusFd, block.Plan->StatusFd);
        Assert.Equal(sizeof(InitPlan), block.Size);
        Assert.Equal("", block.Describe());
    }

    [Fact]
    public void Numbers_stand_in_their_arguments()
    {
        InitPlanBuilder plan = new();
        plan.Call("six", SYS.prctl, 1, -1, long.MaxValue, long.MinValue, 5, 6);
        using InitPlanBlock block = plan.Build(StatusFd);
        Op* op = block.Plan->Ops;
        Assert.Equal(OpCode.SystemCall, op->Code);
        Assert.Equal(SYS.prctl, op->Number);
        Assert.Equal([1, -1, long.MaxValue, long.MinValue, 5, 6], Arguments(op));
        Assert.Equal(0, op->SlotMask);
        Assert.Equal(Op.NoResult, op->Result);
        Assert.Equal((0, 0), (op->Errno1, op->Errno2));
    }

    [Fact]
    public void Arguments_that_are_not_given_are_zero()
    {
        InitPlanBuilder plan = new();
        plan.Call("one", SYS.close, 9);
        using InitPlanBlock block = plan.Build(StatusFd);
        Assert.Equal([9, 0, 0, 0, 0, 0], Arguments(block.Plan->Ops));
    }

    [Fact]
    public void A_seventh_argument_is_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new InitPlanBuilder().Call("seven", SYS.prctl, 1, 2, 3, 4, 5, 6, 7));

    [Fact]
    public void Slots_hold_minus_one_until_an_op_writes_them()
    {
        InitPlanBuilder plan = new();
        for (int i = 0; i < 5; i++)
            Assert.Equal(i, plan.Slot().Index);
        using InitPlanBlock block = plan.Build(StatusFd);
        Assert.Equal([-1, -1, -1, -1, -1], new Span<long>(block.Plan->Slots, block.Plan->SlotCount).ToArray());
    }

    [Fact]
    public void A_slot_as_argument_is_its_number_with_a_mark()
    {
        InitPlanBuilder plan = new();
        _ = plan.Slot();
        PlanSlot second = plan.Slot();
        plan.Call("open", second, SYS.openat, Sys.AT_FDCWD, 0, O.PATH);
        plan.Call("use", SYS.fsconfig, 4, second, 6, second);
        using InitPlanBlock block = plan.Build(StatusFd);
        Assert.Equal(second.Index, block.Plan->Ops[0].Result);
        Assert.Equal(0, block.Plan->Ops[0].SlotMask);
        Assert.Equal(0b1010, block.Plan->Ops[1].SlotMask);
        Assert.Equal([4, 1, 6, 1, 0, 0], Arguments(block.Plan->Ops + 1));
    }

    [Theory]
    [InlineData("")]
    [InlineData("/")]
    [InlineData("fährt")]
    [InlineData("one\ntwo")]
    public void A_text_is_utf8_with_a_nul_behind(string text)
    {
        InitPlanBuilder plan = new();
        plan.Call("first", SYS.chdir, plan.Text("x"));
        plan.Call("second", SYS.chdir, plan.Text(text));
        using InitPlanBlock block = plan.Build(StatusFd);
        Assert.Equal(text, TextAt(block.Plan->Ops[1].Args[0]));
        Assert.Equal("x", TextAt(block.Plan->Ops[0].Args[0]));
    }

    [Fact]
    public void A_text_with_a_nul_is_refused() =>
        Assert.Throws<ArgumentException>(() => new InitPlanBuilder().Text("/etc/passwd\0.png"));

    [Fact]
    public void Structs_are_aligned_to_eight_bytes()
    {
        InitPlanBuilder plan = new();
        open_how how = new() { flags = O.PATH, mode = 3, resolve = RESOLVE.IN_ROOT };
        plan.Call("odd", SYS.chdir, plan.Text("ab"));
        plan.Call("struct", SYS.openat2, plan.Struct(how));
        using InitPlanBlock block = plan.Build(StatusFd);
        nint address = (nint)block.Plan->Ops[1].Args[0];
        Assert.Equal(0, address % 8);
        Assert.Equal(how, *(open_how*)address);
    }

    [Fact]
    public void Overwritten_data_is_what_the_child_sees()
    {
        InitPlanBuilder plan = new();
        PlanData room = plan.Struct(0L);
        plan.Call("use", SYS.write, room);
        plan.Overwrite(room, 0x1122334455667788L);
        using InitPlanBlock block = plan.Build(StatusFd);
        Assert.Equal(0x1122334455667788L, *(long*)block.Plan->Ops[0].Args[0]);
    }

    [Fact]
    public void A_vector_ends_with_a_null_pointer()
    {
        InitPlanBuilder plan = new();
        plan.Call("exec", SYS.execve, plan.Vector(["sh", "", "-c"]), plan.Vector([]));
        using InitPlanBlock block = plan.Build(StatusFd);
        long* words = (long*)block.Plan->Ops[0].Args[0];
        Assert.Equal(["sh", "", "-c"], [TextAt(words[0]), TextAt(words[1]), TextAt(words[2])]);
        Assert.Equal(0, words[3]);
        Assert.Equal(0, *(long*)block.Plan->Ops[0].Args[1]);
    }

    [Fact]
    public void Pointers_survive_the_growth_of_the_data()
    {
        InitPlanBuilder plan = new();
        PlanData vector = plan.Vector(["first"]);
        PlanData late = plan.Text(new string('x', 100_000));
        plan.Call("use", SYS.execve, vector, late);
        using InitPlanBlock block = plan.Build(StatusFd);
        Assert.Equal("first", TextAt(*(long*)block.Plan->Ops[0].Args[0]));
        Assert.Equal(100_000, TextAt(block.Plan->Ops[0].Args[1]).Length);
    }

    [Fact]
    public void Labels_lead_forwards_backwards_and_to_the_end()
    {
        InitPlanBuilder plan = new();
        PlanSlot slot = plan.Slot();
        PlanLabel start = plan.Label(), end = plan.Label();
        plan.Place(start);
        plan.Call("first", slot, SYS.close, 3);
        plan.JumpIfSet(slot, end);
        plan.Jump(start);
        plan.Place(end);
        using InitPlanBlock block = plan.Build(StatusFd);
        Assert.Equal(OpCode.JumpIfSet, block.Plan->Ops[1].Code);
        Assert.Equal([3, slot.Index, 0, 0, 0, 0], Arguments(block.Plan->Ops + 1));
        Assert.Equal(0b10, block.Plan->Ops[1].SlotMask);
        Assert.Equal(OpCode.Jump, block.Plan->Ops[2].Code);
        Assert.Equal(0, block.Plan->Ops[2].Args[0]);
    }

    [Fact]
    public void A_label_that_was_never_placed_is_refused()
    {
        InitPlanBuilder plan = new();
        plan.Jump(plan.Label());
        Assert.Throws<InvalidOperationException>(() => plan.Build(StatusFd));
        InitPlanBuilder other = new();
        other.Call("call", null, new Tolerated(Errno.ENOENT, other.Label()), SYS.close, 3);
        Assert.Throws<InvalidOperationException>(() => other.Build(StatusFd));
    }

    [Fact]
    public void Tolerated_errors_go_on_at_the_label_or_the_next_op()
    {
        InitPlanBuilder plan = new();
        PlanLabel there = plan.Label();
        plan.Call("call", null, new Tolerated(Errno.EPERM), new Tolerated(Errno.ENOTDIR, there), SYS.close, 3);
        plan.Call("skipped", SYS.close, 4);
        plan.Place(there);
        plan.Call("there", SYS.close, 5);
        using InitPlanBlock block = plan.Build(StatusFd);
        Op* op = block.Plan->Ops;
        Assert.Equal(((ushort)Errno.EPERM, Op.Next), (op->Errno1, op->Target1));
        Assert.Equal(((ushort)Errno.ENOTDIR, 2), (op->Errno2, op->Target2));
    }

    [Fact]
    public void Sentences_and_codes_are_found_by_index_even_beyond_the_end()
    {
        InitPlanBuilder plan = new();
        Assert.Equal(0, plan.Checkpoint("get ready"));
        plan.Await("wait for the start", 4);
        using InitPlanBlock block = plan.Build(StatusFd);
        Assert.Equal("get ready", block.SentenceOf(0));
        Assert.Equal(OpCode.Await, block.CodeOf(1));
        Assert.Equal("start the process", block.SentenceOf(2));
        Assert.Equal("start the process", block.SentenceOf(-1));
        Assert.Equal(OpCode.SystemCall, block.CodeOf(2));
    }

    [Fact]
    public void A_disposed_plan_cannot_be_used()
    {
        InitPlanBlock block = new InitPlanBuilder().Build(StatusFd);
        block.Dispose();
        block.Dispose();
        Assert.Throws<ObjectDisposedException>(() => (nint)block.Plan);
    }

    [Fact]
    public void The_text_of_a_plan_says_all_but_the_data()
    {
        InitPlanBuilder plan = new();
        PlanSlot root = plan.Slot(), file = plan.Slot();
        PlanLabel done = plan.Label();
        plan.Call("open '/'", root, SYS.openat, Sys.AT_FDCWD, plan.Text("/"), 42);
        plan.Call("open 'x'", file, new Tolerated(Errno.ENOENT, done), new Tolerated(Errno.ENOTDIR), SYS.openat2, root, plan.Text("x"), 0, 24);
        plan.Jump(done);
        plan.Add("make 'x'", OpCode.OpenTarget, file, 0, null, null, [root, plan.Text("x"), 1, 493]);
        plan.Place(done);
        plan.Checkpoint("get ready");
        using InitPlanBlock block = plan.Build(StatusFd);
        Assert.Equal(
            $"""
              0 call {SYS.openat}(-100, &, 42) -> $0  # open '/'
              1 call {SYS.openat2}($0, &, 0, 24) -> $1 ?ENOENT ?ENOTDIR  # open 'x'
              2 Jump(4)  # jump
              3 OpenTarget($0, &, 1, 493) -> $1  # make 'x'
              4 Checkpoint()  # get ready

            """, block.Describe());
    }

    private static long[] Arguments(Op* op) => MemoryMarshal.CreateReadOnlySpan(ref Unsafe.As<Op.Arguments, long>(ref op->Args), 6).ToArray();

    private static string TextAt(long address) => Encoding.UTF8.GetString(MemoryMarshal.CreateReadOnlySpanFromNullTerminated((byte*)address));
}
