namespace Rundlet.Runcs.Tests;

/// <summary>What a program that was run said and how it ended.</summary>
internal sealed record Finished(int Status, string Output, string Error)
{
    /// <summary>The lines of its output.</summary>
    public string[] Lines => Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>It must have succeeded.</summary>
    public Finished Good()
    {
        Assert.True(Status == 0, $"status {Status}: {Error}{Output}");
        return this;
    }

    /// <summary>It must have failed with this status and a message that contains the text. Ours says it in one line, and the cure in another.</summary>
    public Finished Refused(int status, string text)
    {
        Assert.Contains(text, Error, StringComparison.OrdinalIgnoreCase);
        if (!RuntimeProgram.IsOurs)
        {
            Assert.NotEqual(0, Status);
            return this;
        }
        Assert.Equal(status, Status);
        string[] lines = Error.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.StartsWith("runcs: ", lines[0], StringComparison.Ordinal);
        Assert.DoesNotContain("unexpected", lines[0], StringComparison.Ordinal);
        Assert.True(lines.Length == 1 || (lines.Length == 2 && lines[1].StartsWith("hint: ", StringComparison.Ordinal)), Error);
        return this;
    }
}
