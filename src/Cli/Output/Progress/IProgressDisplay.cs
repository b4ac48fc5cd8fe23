namespace Rundlet.Cli.Output.Progress;

/// <summary>Shows how a long work goes on. Any thread may report at any time; disposing it leaves what was shown as it is.</summary>
internal interface IProgressDisplay : IDisposable
{
    /// <summary>A part got further.</summary>
    void Report(ProgressEvent progress);

    /// <summary>Says something about the whole, in a line.</summary>
    void Say(string line);
}
