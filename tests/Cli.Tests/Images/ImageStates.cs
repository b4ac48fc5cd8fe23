using System.Diagnostics;
using System.Globalization;

namespace Rundlet.Cli.Tests.Images;

/// <summary><c>rundlet</c> over a store of the test's own, for tests that look at what is left on the disk.</summary>
internal sealed class ImageStates : IDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(120);

    private readonly string _folder = Directory.CreateTempSubdirectory("rundlet-images-").FullName;

    /// <param name="root">Where the store is; null for a folder that goes with this object.</param>
    public ImageStates(string? root = null)
    {
        if (Environment.UserName != "root")
            Assert.Skip("needs root");
        Program = Path.Combine(Machine.Repository(), "artifacts/bin/rundlet");
        if (!File.Exists(Program))
            Assert.Skip("needs the programs in artifacts/bin");
        Root = root ?? $"{_folder}/lib";
    }

    public string Program { get; }

    public string Root { get; }

    public string Folder => _folder;

    /// <summary>How many times over a test does its work: 1, or what the environment says for the long form.</summary>
    public static int Scale(int once, int longer) => Environment.GetEnvironmentVariable("RUNDLET_TEST_LONG") == "1" ? longer : once;

    public Result Run(params string[] arguments) => Finish(Start(arguments));

    public Process Start(params string[] arguments)
    {
        ProcessStartInfo start = new(Program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["RUNDLET_ROOT"] = Root;
        start.Environment["RUNDLET_RUN_ROOT"] = $"{_folder}/run";
        return Process.Start(start)!;
    }

    public static Result Finish(Process process)
    {
        using (process)
        {
            process.StandardInput.Close();
            Task<string> output = process.StandardOutput.ReadToEndAsync(), error = process.StandardError.ReadToEndAsync();
            if (!process.WaitForExit(s_limit))
            {
                process.Kill();
                Assert.Fail($"a command did not end within {s_limit}: {string.Join(' ', process.StartInfo.ArgumentList)}");
            }
            return new Result(process.ExitCode, output.GetAwaiter().GetResult(), error.GetAwaiter().GetResult());
        }
    }

    /// <summary>Runs a command that must succeed.</summary>
    public string Must(params string[] arguments)
    {
        Result result = Run(arguments);
        Assert.True(result.Code == 0, $"rundlet {string.Join(' ', arguments)}: {result.Code}: {result.Error}");
        return result.Output;
    }

    /// <summary>Starts a command, and ends it with SIGKILL after a time, if it still runs then.</summary>
    /// <returns>Whether it was killed.</returns>
    public bool Kill(TimeSpan after, params string[] arguments)
    {
        using Process process = Start(arguments);
        process.StandardInput.Close();
        Task<string> output = process.StandardOutput.ReadToEndAsync(), error = process.StandardError.ReadToEndAsync();
        bool ended = process.WaitForExit(after);
        if (!ended)
            process.Kill();
        process.WaitForExit();
        _ = (output.GetAwaiter().GetResult(), error.GetAwaiter().GetResult());
        return !ended;
    }

    /// <summary>Everything is whole: each blob and layer that is believed to be there is what it should be.</summary>
    public void AssertWhole()
    {
        Result check = Run("system", "check");
        Assert.True(check.Code == 0, $"system check: {check.Output}{check.Error}");
    }

    /// <summary>After everything was pruned, nothing is left of blobs and layers.</summary>
    public void AssertEmptyAfterPrune()
    {
        foreach (string id in Must("ps", "-aq", "--no-trunc").Split('\n', StringSplitOptions.RemoveEmptyEntries))
            Must("rm", "-f", id);
        Must("system", "prune", "-a", "-f");
        string[] left = [.. ((string[])["blobs", "layers"]).SelectMany(folder => Directory.EnumerateFileSystemEntries($"{Root}/{folder}", "*", SearchOption.AllDirectories))
            .Where(path => Path.GetFileName(path) is not ("sha256" or "sha512" or "ingest"))];
        Assert.Empty(left);
    }

    public static string Seconds(TimeSpan time) => time.TotalSeconds.ToString("F1", CultureInfo.InvariantCulture);

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
