using System.Text.Json;

namespace Rundlet.Torture;

/// <summary>What an engine does with containers, for campaigns that disturb it.</summary>
internal sealed class Containers(Sandbox sandbox, RuntimeCommands runtime)
{
    private readonly Mutator _specs = new(new Random(0), sandbox.Prefix);
    private int _number;

    /// <summary>The commands that this runtime has.</summary>
    public HashSet<string> Commands { get; } =
        [.. runtime.Run("--help").Text.Split('\n').Where(line => line.StartsWith("  ", StringComparison.Ordinal)).Select(line => line.Trim().Split(' ')[0])];

    /// <summary>A new id, and a bundle for it.</summary>
    /// <param name="sleeps">Whether its program stays, or ends at once.</param>
    /// <param name="name">Of the spec.</param>
    public string Next(bool sleeps, string name = "working")
    {
        string id = $"{sandbox.Prefix}-{_number++}";
        string spec = System.Text.Encoding.UTF8.GetString(_specs.Working(name, id));
        if (sleeps)
            spec = spec.Replace("\"args\":[\"/bin/true\",\"one\"]", "\"args\":[\"/bin/sleep\",\"100000\"]", StringComparison.Ordinal).Replace("\"args\":[\"true\"]", "\"args\":[\"sleep\",\"100000\"]", StringComparison.Ordinal)
                .Replace("\"args\":[\"/bin/true\"]", "\"args\":[\"/bin/sleep\",\"100000\"]", StringComparison.Ordinal);
        File.WriteAllText($"{Sandbox.Bundle}/config.json", spec);
        return id;
    }

    /// <summary>A created container, or one that runs.</summary>
    /// <exception cref="InvalidOperationException">It cannot be made: the campaign is over.</exception>
    public string Make(bool started, string name = "working")
    {
        string id = Next(sleeps: true, name);
        Must("create", "--bundle", Sandbox.Bundle, id);
        if (started)
            Must("start", id);
        return id;
    }

    /// <summary>Its status and pid; null where there is none.</summary>
    public (string Status, int Pid)? State(string id)
    {
        Outcome state = runtime.Run("state", id);
        if (!state.Succeeded)
            return null;
        using JsonDocument document = JsonDocument.Parse(state.Text);
        return (document.RootElement.GetProperty("status").GetString()!, document.RootElement.GetProperty("pid").GetInt32());
    }

    /// <summary>A command that nobody disturbs and that must succeed.</summary>
    public void Must(params string[] words)
    {
        Outcome outcome = runtime.Run(words);
        if (!outcome.Succeeded)
            throw new InvalidOperationException($"{string.Join(' ', words)}: {outcome.Complaint() ?? outcome.Text}");
    }

    /// <summary>What an engine does after a crash: remove, or create again and, where the id is taken, remove and create.</summary>
    /// <returns>A complaint, or null.</returns>
    public string? Recover(string id, bool again)
    {
        if (again)
        {
            Outcome create = runtime.Run("create", "--bundle", Sandbox.Bundle, id);
            if (create.Complaint() is { } wrong)
                return $"create again: {wrong}";
            if (!create.Succeeded && !create.Text.Contains("already exists", StringComparison.Ordinal))
                return $"create again: {create.Text}";
            if (!create.Succeeded)
            {
                if (runtime.Run("delete", "--force", id) is { Succeeded: false } undeleted)
                    return $"delete --force of what is said to exist: {undeleted.Complaint() ?? undeleted.Text}";
                if (runtime.Run("create", "--bundle", Sandbox.Bundle, id) is { Succeeded: false } uncreated)
                    return $"create after delete --force: {uncreated.Complaint() ?? uncreated.Text}";
            }
        }
        Outcome deleted = runtime.Run("delete", "--force", id);
        if (!deleted.Succeeded)
            return $"delete --force: {deleted.Complaint() ?? deleted.Text}";
        return State(id) is { } there ? $"is {there.Status} after delete --force" : null;
    }
}
