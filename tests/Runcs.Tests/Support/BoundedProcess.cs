using System.Diagnostics;

namespace Rundlet.Runcs.Tests;

/// <summary>A program with its output in files: a container that outlives its creator keeps pipes open.</summary>
internal sealed class BoundedProcess : IDisposable
{
    /// <summary>How long anything may take on a machine under load.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly string _files;

    private BoundedProcess(Process process, string files)
    {
        _process = process;
        _files = files;
    }

    public int Pid => _process.Id;

    public bool HasEnded => _process.HasExited;

    /// <summary>Starts a program.</summary>
    /// <param name="files">Where its output goes, with <c>.out</c> and <c>.err</c> behind.</param>
    /// <param name="command">The program and its arguments.</param>
    /// <param name="redirections">More of the shell's, such as <c>0&lt;&amp;-</c>; they come last and win.</param>
    public static BoundedProcess Start(string files, IEnumerable<string> command, string redirections = "")
    {
        ProcessStartInfo start = new("/bin/sh") { UseShellExecute = false };
        foreach (string word in (string[])["-c", $"f=$1; shift; exec \"$@\" </dev/null >\"$f.out\" 2>\"$f.err\" {redirections}", "sh", files, .. command])
            start.ArgumentList.Add(word);
        return new BoundedProcess(Process.Start(start)!, files);
    }

    /// <summary>Waits for its end.</summary>
    public Finished Wait()
    {
        if (!_process.WaitForExit(Patience))
        {
            _process.Kill();
            Assert.Fail($"still running after {Patience}: {string.Join(' ', _process.StartInfo.ArgumentList.Skip(4))}");
        }
        return new Finished(_process.ExitCode, Read("out"), Read("err"));
    }

    public void Kill() => _process.Kill();

    public void Dispose() => _process.Dispose();

    // A redirection may have closed a stream, or sent it elsewhere.
    private string Read(string which) => File.Exists($"{_files}.{which}") ? File.ReadAllText($"{_files}.{which}") : "";
}
