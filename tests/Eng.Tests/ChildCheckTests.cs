using Rundlet.ChildCheck;

namespace Rundlet.Eng.Tests;

public sealed class ChildCheckTests
{
    private const string Root = ChildWalk.Root;

    // The code of the child's root, and what the check says about it.
    public static TheoryData<string, string> Violations => new()
    {
        { Code("call   15 <X>", "RhpNewArray-0x4"), $"{Root} allocates: RhpNewArray" },
        { Code("call   15 <X>", "RhNewString-0x4"), $"{Root} allocates: RhNewString" },
        { Code("call   15 <X>", "RhpThrowEx-0x4"), $"{Root} throws: RhpThrowEx" },
        { Code("call   15 <X>", "S_P_CoreLib_Internal_Runtime_CompilerHelpers_ThrowHelpers__ThrowIndexOutOfRangeException-0x4"),
            $"{Root} throws: S_P_CoreLib_Internal_Runtime_CompilerHelpers_ThrowHelpers__ThrowIndexOutOfRangeException" },
        { Code("call   15 <X>", "RhpPInvoke-0x4"), $"{Root} changes the thread's mode for the collector: RhpPInvoke" },
        { Code("lea    0x0(%rip),%rdi        # 17 <X>", "__GetGCStaticBase_Thing-0x4"), $"{Root} uses statics that live on the heap or need a class constructor: __GetGCStaticBase_Thing" },
        { Code("call   15 <X>", "__GetNonGCStaticBase_Thing-0x4"), $"{Root} uses statics that live on the heap or need a class constructor: __GetNonGCStaticBase_Thing" },
        { Code("mov    0x0(%rip),%rax        # 17 <X>", "__GCSTATICSThing-0x4"), $"{Root} uses statics that live on the heap or need a class constructor: __GCSTATICSThing" },
        { Code("call   15 <X>", "RhpAssignRef-0x4"), $"{Root} stores a reference: RhpAssignRef" },
        { Code("call   15 <X>", "RhpInitialDynamicInterfaceDispatch-0x4"), $"{Root} dispatches or casts through the type system: RhpInitialDynamicInterfaceDispatch" },
        { Code("call   15 <X>", "__tls_get_addr-0x4"), $"{Root} uses thread-local storage: __tls_get_addr" },
        { Code("call   *%rax", null), $"{Root} calls what a register or memory holds: call   *%rax" },
        { Code("call   *0x18(%rdi)", null), $"{Root} calls what a register or memory holds: call   *0x18(%rdi)" },
        { Code("notrack jmp *%rcx", null), $"{Root} jumps to what a register or memory holds: notrack jmp *%rcx" },
        { Code("rex.W jmp *0x0(%rip)        # 17 <X>", null), $"{Root} jumps to what a register or memory holds: rex.W jmp *0x0(%rip)        # 17 <X>" },
        { Code("syscall", null), $"{Root} traps by itself: syscall" },
        { Code("call   24 <Other+0x4>", null), $"{Root} goes into the middle of another function: call   24 <Other+0x4>" },
    };

    [Theory]
    [MemberData(nameof(Violations))]
    public void What_the_child_may_not_reach_is_found(string code, string violation) =>
        Assert.Equal([violation], ChildWalk.Run(Disassembly.Parse(code.Split('\n'))).Violations);

    [Fact]
    public void A_violation_two_calls_away_is_told_with_the_way_to_it()
    {
        string code = Code("jmp    20 <Other>", null) + Function(0x20, "Other", Line(0x20, "je     30 <Third>", null)) + Function(0x30, "Third", Line(0x30, "call   35 <X>", "RhpThrowEx-0x4"));
        WalkResult result = ChildWalk.Run(Disassembly.Parse(code.Split('\n')));
        Assert.Equal([$"{Root} -> Other -> Third throws: RhpThrowEx"], result.Violations);
        Assert.Equal([$"method {Root}", "method Other", "method Third", "native RhpThrowEx"], result.Entries.Order(StringComparer.Ordinal).OrderBy(entry => entry.Contains(Root) ? 0 : 1));
    }

    [Fact]
    public void A_switch_jumps_by_its_own_table()
    {
        string code = Code("lea    0x0(%rip),%rcx        # 17 <X>", $"__readonlydata_{Root}-0x4", "jmp    *%rcx");
        Assert.Empty(ChildWalk.Run(Disassembly.Parse(code.Split('\n'))).Violations);
    }

    [Fact]
    public void A_relocation_to_a_function_of_the_file_is_followed()
    {
        string code = Code("call   15 <X>", "Other-0x4") + Function(0x20, "Other", Line(0x20, "call   25 <X>", "RhpNewFast-0x4"));
        Assert.Equal([$"{Root} -> Other allocates: RhpNewFast"], ChildWalk.Run(Disassembly.Parse(code.Split('\n'))).Violations);
    }

    [Fact]
    public void Two_names_of_one_function_are_one_function()
    {
        string symbol = $"{0x20:x16} g     F code\t0000000000000010 .hidden Alias\n";
        string code = symbol + Code("call   15 <X>", "Alias-0x4") + Function(0x20, "Other", Line(0x20, "ret", null));
        Assert.Contains("method Other", ChildWalk.Run(Disassembly.Parse(code.Split('\n'))).Entries);
    }

    [Fact]
    public void Code_of_another_machine_is_refused() =>
        Assert.Throws<InvalidDataException>(() => Disassembly.Parse(["x.o:     file format elf64-littleaarch64"]));

    [Fact]
    public void An_object_without_a_child_is_refused() =>
        Assert.Throws<InvalidDataException>(() => ChildWalk.Run(Disassembly.Parse(Function(0x20, "Other", Line(0x20, "ret", null)).Split('\n'))));

    [Theory]
    [InlineData("method A\nmethod B", "method A", "-method B (on the list, no longer reached)")]
    [InlineData("method A", "method A|method B", "+method B (reached, not on the list: ./dev childcheck --accept takes it over)")]
    [InlineData("native syscall", "native syscall", "native syscall needs a reason on the list")]
    [InlineData("native x # \n", "native x", "native x needs a reason on the list")]
    [InlineData("method B\nmethod A", "method A|method B", "the list is not sorted")]
    public void The_list_must_be_what_is_reached(string list, string reached, string complaint) =>
        Assert.Equal([complaint], ReachList.Parse(list.Split('\n')).Compare(reached.Split('|')));

    [Fact]
    public void Accepting_keeps_reasons_and_asks_for_missing_ones()
    {
        ReachList list = ReachList.Parse(["# head", "data gone # was there", "native syscall # libc"]);
        list.Replace(["data new", "method A", "native syscall"]);
        Assert.Equal(["data new needs a reason on the list"], list.Compare(["data new", "method A", "native syscall"]));
    }

    private static string Code(string first, string? symbol, string second = "ret") =>
        "Disassembly of section code:\n" + Function(0x10, Root, Line(0x10, first, symbol) + Line(0x18, second, null));

    private static string Function(ulong address, string name, string lines) => $"{address:x16} <{name}>:\n{lines}";

    private static string Line(ulong address, string text, string? symbol) =>
        $"  {address:x6}:\t{text}{(symbol is null ? "" : $"\t{address + 1:x}: R_X86_64_PLT32\t{symbol}")}\n";
}
