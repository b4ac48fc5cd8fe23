namespace Rundlet.Init;

/// <summary>
/// How the end of a hook stands in the place of an errno, above all that the kernel has: 3000 and the exit status,
/// 3300 and the signal, or 3400 for one that was killed because its time was over.
/// </summary>
public static class HookStatus
{
    /// <summary>Exit status 0 would be this; the largest is 255 above.</summary>
    public const int Exited = 3000;

    /// <summary>Signal 0 would be this.</summary>
    public const int Killed = 3300;

    /// <summary>It took longer than it may.</summary>
    public const int TimedOut = 3400;
}
