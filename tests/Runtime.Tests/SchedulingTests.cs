using System.Diagnostics;
using Rundlet.Syscalls;
using Process = System.Diagnostics.Process;

namespace Rundlet.Runtime.Tests;

/// <summary>A child is sent to another processor, and is as free afterwards as before.</summary>
public sealed class SchedulingTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_child_that_is_spread_keeps_its_processors(bool narrowed)
    {
        // Affinity is a thread's: one of its own, which takes what is narrowed with it.
        Exception? failed = null;
        Thread thread = new(() =>
        {
            try
            {
                Spread(narrowed);
            }
            catch (Exception error)
            {
                failed = error;
            }
        });
        thread.Start();
        thread.Join();
        Assert.Null(failed);
    }

    private static void Spread(bool narrowed)
    {
        if (narrowed)
            LinuxException.ThrowIfError(Sys.sched_setaffinity(0, FirstOf(AffinityOf(0))), "narrow");
        byte[] own = AffinityOf(0);
        using Process child = Process.Start(new ProcessStartInfo("sleep", "1000"))!;
        try
        {
            byte[] before = AffinityOf(child.Id);
            Scheduling.Spread(child.Id);
            Assert.Equal(before, AffinityOf(child.Id));
            Assert.Equal(own, AffinityOf(0));
        }
        finally
        {
            child.Kill();
            child.WaitForExit();
        }
    }

    private static byte[] AffinityOf(int pid)
    {
        byte[] mask = new byte[1024];
        return mask[..LinuxException.ThrowIfError(Sys.sched_getaffinity(pid, mask), "get the processors")];
    }

    private static byte[] FirstOf(byte[] mask)
    {
        int at = Array.FindIndex(mask, eight => eight != 0);
        byte[] first = new byte[mask.Length];
        first[at] = (byte)(mask[at] & -mask[at]);
        return first;
    }
}
