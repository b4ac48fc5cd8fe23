namespace Rundlet.Runcs.Tests;

/// <summary>A short, always equal part of the campaigns that <c>./dev fuzz</c> and <c>./dev crash</c> run at length.</summary>
public sealed class TortureTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("rundlet-torture-").FullName;

    public TortureTests()
    {
        RuntimeProgram.SkipUnlessOurs("the campaigns demand the words of runcs");
        RuntimeProgram.SkipUnlessPossible();
    }

    [Fact]
    public void Hostile_documents_are_run_or_refused_and_leave_nothing() => Run("fuzz", "1500", "7", "10");

    [Fact]
    public void Killed_commands_and_containers_leave_nothing() => Run("crash", "60", "7");

    [Fact]
    public void A_kill_at_any_system_call_leaves_nothing() => Run("points", "23");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private void Run(params string[] words)
    {
        using BoundedProcess campaign = BoundedProcess.Start($"{_folder}/out", ["env", $"RUNTIME={RuntimeProgram.Path}", $"{RuntimeProgram.Repository}/eng/torture", .. words]);
        campaign.Wait().Good();
    }
}
