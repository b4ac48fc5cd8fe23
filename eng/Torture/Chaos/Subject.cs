namespace Rundlet.Torture.Chaos;

/// <summary>A name under which containers come and go, and what is known of the one that has it.</summary>
internal sealed class Subject(string name)
{
    public string Name => name;

    /// <summary>Its id as the engine last told it; null where no container has the name.</summary>
    public string? Id { get; set; }

    /// <summary>Its first process as the engine last told it.</summary>
    public int Pid { get; set; }

    /// <summary>Its state as the engine last told it; empty where no container has the name.</summary>
    public string State { get; set; } = "";

    /// <summary>The value of <c>--restart</c>.</summary>
    public string Policy { get; set; } = "no";

    /// <summary>Whether it goes when it ends.</summary>
    public bool Passing { get; set; }

    /// <summary>How many lines its program writes before it ends; 0 for one that sleeps.</summary>
    public int Lines { get; set; }

    /// <summary>The exit code of a program that ends by itself.</summary>
    public int ExitCode { get; set; }

    /// <summary>Whether something was done to it that may give it another end, and the last lines of its log with it.</summary>
    public bool Disturbed { get; set; }

    /// <summary>Whether the disk was full meanwhile, which may cost any line.</summary>
    public bool LacksRoom { get; set; }

    /// <summary>Whether its supervisor may still be at what a command asked for that was killed: to stop it, or to start it anew.</summary>
    public bool Moves { get; set; }

    /// <summary>Whether its program stays until somebody ends it.</summary>
    public bool Sleeps => Id is not null && Lines == 0;

    /// <summary>Takes over what the engine tells.</summary>
    public void Note(Told? told)
    {
        Id = told?.Id;
        Pid = told?.Pid ?? 0;
        State = told?.State ?? "";
    }
}
