using System.Runtime.CompilerServices;

namespace Rundlet.Init;

/// <summary>One operation of a plan, as the child reads it.</summary>
public unsafe struct Op
{
    /// <summary>An op without a result slot.</summary>
    public const ushort NoResult = ushort.MaxValue;

    /// <summary>A target of <see cref="Target1"/>: go on with the next op.</summary>
    public const int Next = -1;

    /// <summary>What to do.</summary>
    public OpCode Code;

    /// <summary>The slot that takes the answer, or <see cref="NoResult"/>.</summary>
    public ushort Result;

    /// <summary>Bit i: argument i is the number of a slot, its content is meant.</summary>
    public ushort SlotMask;

    /// <summary>The first tolerated error, 0 for none.</summary>
    public ushort Errno1;

    /// <summary>The second tolerated error, 0 for none.</summary>
    public ushort Errno2;

    /// <summary>The number of the system call.</summary>
    public ushort Number;

    /// <summary>Where to go on after <see cref="Errno1"/>.</summary>
    public int Target1;

    /// <summary>Where to go on after <see cref="Errno2"/>.</summary>
    public int Target2;

    /// <summary>The arguments.</summary>
    public Arguments Args;

    /// <summary>Six arguments of a system call.</summary>
    [InlineArray(6)]
    public struct Arguments
    {
        private long _first;
    }
}
