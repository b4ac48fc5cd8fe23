namespace Rundlet.Engine.State;

/// <summary>Volumes and networks that somebody claims, or claimed and died: one question for both, since every command asks it.</summary>
internal sealed class ClaimedThings(Database database)
{
    /// <summary>Names of volumes and ids of networks; one of the two is set.</summary>
    public List<(string? Volume, string? Network)> List()
    {
        using Statement statement = database.Prepare(
            "SELECT name, NULL FROM volumes WHERE claim_pid IS NOT NULL UNION ALL SELECT NULL, id FROM networks WHERE claim_pid IS NOT NULL");
        List<(string?, string?)> claimed = [];
        while (statement.Next())
            claimed.Add((statement.TextOrNull(0), statement.TextOrNull(1)));
        return claimed;
    }
}
