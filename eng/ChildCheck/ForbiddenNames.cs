using System.Text.RegularExpressions;

namespace Rundlet.ChildCheck;

/// <summary>Names that no child may reach; <c>--accept</c> does not help against them.</summary>
internal static partial class ForbiddenNames
{
    /// <summary>Why a symbol is forbidden, or null.</summary>
    public static string? WhyForbidden(string symbol) => symbol switch
    {
        _ when Allocation().IsMatch(symbol) => "allocates",
        _ when Throw().IsMatch(symbol) => "throws",
        _ when Transition().IsMatch(symbol) => "changes the thread's mode for the collector",
        _ when Statics().IsMatch(symbol) => "uses statics that live on the heap or need a class constructor",
        _ when Barrier().IsMatch(symbol) => "stores a reference",
        _ when Dispatch().IsMatch(symbol) => "dispatches or casts through the type system",
        _ when ThreadLocal().IsMatch(symbol) => "uses thread-local storage",
        _ => null,
    };

    [GeneratedRegex("^Rhp?New|^RhBox|^RhAllocate|AllocateString|NewMultiDim|NewObject|NewArray")]
    private static partial Regex Allocation();

    [GeneratedRegex("^Rhp?(Throw|Rethrow)|ThrowHelper|Throw[A-Z][A-Za-z]*(Exception|Overflow)|RngChkFail|RangeCheckFail")]
    private static partial Regex Throw();

    [GeneratedRegex("^Rhp?(Reverse)?PInvoke|^RhpWaitForGC|^RhpGcStress")]
    private static partial Regex Transition();

    [GeneratedRegex("(Non)?GCStaticBase|^__GCSTATICS|ThreadStaticBase|ClassConstruct")]
    private static partial Regex Statics();

    [GeneratedRegex("^Rhp(Checked|ByRef|Bulk)?(Assign|Xchg|LockCmpXchg|WriteBarrier|Stelem|Ldelema)|^RhBulkMove|WriteBarrier")]
    private static partial Regex Barrier();

    [GeneratedRegex("^Rhp?(InitialDynamic)?InterfaceDispatch|^RhpCidResolve|TypeCast|^RhpResolve|GenericLookup|VirtualMethod")]
    private static partial Regex Dispatch();

    [GeneratedRegex("^__tls_get_addr$|^RhpGetThreadStatic|tls_Inlined|^tls_")]
    private static partial Regex ThreadLocal();
}
