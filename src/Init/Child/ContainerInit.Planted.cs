using System.Diagnostics;

namespace Rundlet.Init;

public static unsafe partial class ContainerInit
{
    private static byte[]? s_planted;

    // Here to be found: `./dev childcheck` also compiles a program in which this call is not left out, and demands that the
    // check fails on it. No program that is shipped defines the symbol.
    [Conditional("PLANTED_ALLOCATION")]
    private static void PlantAllocation(InitPlan* plan) => s_planted = new byte[plan->OpCount];
}
