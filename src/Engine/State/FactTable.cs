namespace Rundlet.Engine.State;

/// <summary>Single facts about this engine, by name.</summary>
public sealed class FactTable(Database database)
{
    /// <summary>A fact; null when it was never set.</summary>
    public string? this[string name]
    {
        get
        {
            using Statement statement = database.Prepare("SELECT value FROM facts WHERE name = ?1");
            return statement.Bind(1, name).Next() ? statement.Text(0) : null;
        }
    }

    /// <summary>Sets a fact.</summary>
    public void Set(string name, string value) => database.Transact(durable: false, () =>
    {
        using Statement statement = database.Prepare("INSERT INTO facts (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = ?2");
        statement.Bind(1, name).Bind(2, value).Next();
    });
}
