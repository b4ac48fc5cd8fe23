using Rundlet.Runcs.Tests;

namespace Rundlet.Callers.Tests;

/// <summary>
/// Mount and network namespaces for a daemon: what it leaves in /run, /etc, /opt and /var/lib is gone with them, and no
/// bridge, rule or forwarding setting of the machine is its business. The cgroups are the machine's.
/// </summary>
internal sealed class PrivateHost : IDisposable
{
    private const string Prepare =
        "mount -t tmpfs -o mode=755 tmpfs /run && for d in /etc /opt /var/lib; do mkdir -p $0$d/upper $0$d/work && mount -t overlay -o lowerdir=$d,upperdir=$0$d/upper,workdir=$0$d/work overlay $d; done && exec \"$@\"";

    private readonly CallerHome _home;
    private readonly List<BoundedProcess> _daemons = [];
    private readonly BoundedProcess _keeper;
    private readonly string _started;

    public PrivateHost(CallerHome home)
    {
        _home = home;
        _started = $"{home.Folder}/started";
        string layers = Directory.CreateDirectory($"{home.Folder}/layers").FullName;
        _keeper = home.Begin("", "unshare", "--mount", "--net", "--propagation", "private", "sh", "-c", Prepare, layers, "sh", "-c", $"echo >{_started}; exec sleep 100000");
        LogFile.Await(_started, "\n");
    }

    /// <summary>The words that run a command there.</summary>
    public string[] Command(params string[] words) => ["nsenter", $"--target={_keeper.Pid}", "--mount", "--net", "--", .. words];

    /// <summary>Starts a daemon there and waits until a command succeeds.</summary>
    public void StartDaemon(string[] daemon, string[] ready)
    {
        BoundedProcess process = _home.Begin("", Command(daemon));
        _daemons.Add(process);
        long end = Environment.TickCount64 + (long)BoundedProcess.Patience.TotalMilliseconds;
        while (_home.Run(Command(ready)).Status != 0) // asking is the only way to hear of it
            Assert.True(!process.HasEnded && Environment.TickCount64 < end, $"{daemon[0]}: {(process.HasEnded ? process.Wait().Error : "not ready in time")}");
    }

    /// <summary>Ends the daemons, the last one first, as an administrator would.</summary>
    public void Dispose()
    {
        for (int i = _daemons.Count - 1; i >= 0; i--)
        {
            _home.Run("kill", $"{_daemons[i].Pid}").Good();
            _daemons[i].Wait();
            _daemons[i].Dispose();
        }
        _keeper.Kill();
        _keeper.Wait();
        _keeper.Dispose();
    }
}
