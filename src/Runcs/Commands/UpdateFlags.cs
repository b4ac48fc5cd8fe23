using System.Globalization;
using Rundlet.Linux;
using Rundlet.Oci;
using Rundlet.Runcs.CommandLine;

namespace Rundlet.Runcs.Commands;

/// <summary>The flags of <c>update</c> as members of the document that <c>--resources</c> holds. Zero and an empty text mean "leave it".</summary>
internal static class UpdateFlags
{
    private const int BitsOfStep = 10; // 1024

    /// <summary>Puts what the flags say over what the document says.</summary>
    /// <exception cref="ContainerException">A value is no number, or out of range.</exception>
    public static void Apply(Arguments arguments, Resources resources)
    {
        if (Unsigned(arguments, "blkio-weight", ushort.MaxValue) is { } weight)
            (resources.BlockIo ??= new BlockIoResources()).Weight = (ushort)weight;
        if (Signed(arguments, "pids-limit") is { } pids)
            (resources.Pids ??= new PidsResources()).Limit = pids;
        ApplyCpu(arguments, resources);
        ApplyMemory(arguments, resources);
    }

    private static void ApplyCpu(Arguments arguments, Resources resources)
    {
        CpuResources cpu = resources.Cpu ?? new CpuResources();
        cpu.Period = Unsigned(arguments, "cpu-period") ?? cpu.Period;
        cpu.Quota = Signed(arguments, "cpu-quota") ?? cpu.Quota;
        cpu.Burst = Unsigned(arguments, "cpu-burst", orZero: true) ?? cpu.Burst;
        cpu.Shares = Unsigned(arguments, "cpu-share") ?? cpu.Shares;
        cpu.RealtimePeriod = Unsigned(arguments, "cpu-rt-period") ?? cpu.RealtimePeriod;
        cpu.RealtimeRuntime = Signed(arguments, "cpu-rt-runtime") ?? cpu.RealtimeRuntime;
        cpu.Cpus = Text(arguments, "cpuset-cpus") ?? cpu.Cpus;
        cpu.Mems = Text(arguments, "cpuset-mems") ?? cpu.Mems;
        cpu.Idle = (long?)Unsigned(arguments, "cpu-idle", 1, orZero: true) ?? cpu.Idle;
        resources.Cpu = cpu;
    }

    private static void ApplyMemory(Arguments arguments, Resources resources)
    {
        MemoryResources memory = resources.Memory ?? new MemoryResources();
        memory.Limit = Bytes(arguments, "memory") ?? memory.Limit;
        memory.Reservation = Bytes(arguments, "memory-reservation") ?? memory.Reservation;
        memory.Swap = Bytes(arguments, "memory-swap") ?? memory.Swap;
        memory.Kernel = Bytes(arguments, "kernel-memory") ?? memory.Kernel;
        memory.KernelTcp = Bytes(arguments, "kernel-memory-tcp") ?? memory.KernelTcp;
        resources.Memory = memory;
    }

    /// <summary><c>-1</c>, a number, or a number with <c>k</c>, <c>m</c>, <c>g</c>, <c>t</c>, <c>p</c> of 1024 each, an <c>i</c> and a <c>b</c> behind if one likes.</summary>
    /// <exception cref="ContainerException">It is not such a text.</exception>
    internal static long ParseBytes(string text, string flag)
    {
        if (text == "-1")
            return -1;
        int digits = text.AsSpan().IndexOfAnyExcept("0123456789.");
        string number = digits < 0 ? text : text[..digits];
        string suffix = digits < 0 ? "" : text[digits..].Trim().ToLowerInvariant();
        int power = suffix is "" or "b" ? 0 : "kmgtp".IndexOf(suffix[0]) + 1;
        if (suffix is not ("" or "b") && (power == 0 || suffix[1..] is not ("" or "b" or "ib")))
            throw Invalid(text, flag);
        long unit = 1L << (BitsOfStep * power);
        return Decimals.TryScale(number, unit, out long value) ? value : throw Invalid(text, flag);
    }

    private static long? Bytes(Arguments arguments, string flag) => Text(arguments, flag) is { } text ? ParseBytes(text, flag) : null;

    private static string? Text(Arguments arguments, string flag) => arguments.Value(flag) is { Length: > 0 } text ? text : null;

    private static long? Signed(Arguments arguments, string flag)
    {
        if (Text(arguments, flag) is not { } text)
            return null;
        if (!long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number))
            throw Invalid(text, flag);
        return number == 0 ? null : number;
    }

    private static ulong? Unsigned(Arguments arguments, string flag, ulong maximum = ulong.MaxValue, bool orZero = false)
    {
        if (Text(arguments, flag) is not { } text)
            return null;
        if (!ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ulong number) || number > maximum)
            throw Invalid(text, flag);
        return number == 0 && !orZero ? null : number;
    }

    private static ContainerException Invalid(string text, string flag) => new(ContainerErrorKind.InvalidArgument, $"invalid value for --{flag}: '{text}'");
}
