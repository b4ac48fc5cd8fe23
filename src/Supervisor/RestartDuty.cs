using Rundlet.Runtime.Supervision;

namespace Rundlet.Supervisor;

/// <summary>
/// Whether a container that has ended is made again, and when: after 100 ms the first time, twice as long each further
/// time, up to a minute; from the beginning again once it has run for 10 seconds.
/// </summary>
internal sealed class RestartDuty : IDisposable
{
    /// <summary>The first wait in milliseconds.</summary>
    public const int FirstDelayMs = 100;

    /// <summary>The longest.</summary>
    public const int LongestDelayMs = 60_000;

    /// <summary>A life of this many milliseconds counts as a success.</summary>
    public const int LongLifeMs = 10_000;

    private readonly Timer _timer;
    private Wish _wish;
    private int _delay;

    /// <summary>Nothing happens before <see cref="Wait"/>.</summary>
    /// <param name="loop">Where the wait happens.</param>
    /// <param name="again">What is due after it.</param>
    public RestartDuty(EventLoop loop, Action again) => _timer = new Timer(loop, () =>
    {
        IsWaiting = false;
        again();
    });

    private enum Wish
    {
        Policy,
        Once,
        User,
        Stopped,
        ShutDown,
    }

    /// <summary>Whether the container waits for its next start.</summary>
    public bool IsWaiting { get; private set; }

    /// <summary>Whether a user asked for the end.</summary>
    public bool IsStopped => _wish == Wish.Stopped;

    /// <summary>A user asked for the end: whatever the policy is, it is over.</summary>
    public void Stop() => _wish = Wish.Stopped;

    /// <summary>The machine goes down: the policy rests, and is asked again when the machine is up.</summary>
    public void ShutDown()
    {
        if (_wish != Wish.Stopped)
            _wish = Wish.ShutDown;
    }

    /// <summary>Whatever the policy is, the next end is followed by a start.</summary>
    public void Once()
    {
        if (_wish == Wish.Policy)
            _wish = Wish.Once;
    }

    /// <summary>A user asked for an end and a start: his last word, unless the machine goes down. One that waits for its start waits no longer.</summary>
    public void AtOnce()
    {
        if (_wish == Wish.ShutDown)
            return;
        _delay = 0;
        if (IsWaiting)
            _timer.Arm(0);
        else
            _wish = Wish.User;
    }

    /// <summary>Whether the next start is one that a user asked for.</summary>
    public bool IsOfUser => _wish == Wish.User;

    /// <summary>Whether the container is made again after this end.</summary>
    public bool Wants(RestartPolicy policy, ExitRecord exit) => _wish switch
    {
        Wish.Policy => policy.WantsRestart(exit),
        Wish.Once or Wish.User => true,
        _ => false,
    };

    /// <summary>Waits for the next start.</summary>
    /// <param name="ranMilliseconds">How long the last life was.</param>
    public void Wait(long ranMilliseconds)
    {
        bool once = _wish is Wish.Once or Wish.User;
        _delay = NextDelay(_delay, ranMilliseconds);
        _wish = Wish.Policy;
        IsWaiting = true;
        _timer.Arm(once ? 0 : _delay);
    }

    /// <summary>No start any more.</summary>
    public void Cancel()
    {
        IsWaiting = false;
        _timer.Dispose();
    }

    /// <summary>The wait after a life, by the one before; 0 is none.</summary>
    public static int NextDelay(int last, long ranMilliseconds) =>
        last == 0 || ranMilliseconds >= LongLifeMs ? FirstDelayMs : Math.Min(2 * last, LongestDelayMs);

    /// <inheritdoc/>
    public void Dispose() => _timer.Dispose();
}
