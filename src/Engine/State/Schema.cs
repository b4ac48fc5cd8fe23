using Rundlet.Linux;

namespace Rundlet.Engine.State;

/// <summary>
/// The tables, one step a version; <c>user_version</c> of the file says how many steps it has seen. What a container is
/// doing is not in here: the kernel and the supervisor's files know, and a table would only be able to contradict them.
/// </summary>
internal static class Schema
{
    private static readonly string[][] s_steps =
    [
        [
            """
            CREATE TABLE containers (
                id TEXT PRIMARY KEY,
                name TEXT NOT NULL UNIQUE,
                image TEXT NOT NULL,
                image_id TEXT NOT NULL,
                command TEXT NOT NULL,
                created INTEGER NOT NULL,
                auto_remove INTEGER NOT NULL,
                options TEXT NOT NULL,
                claim_pid INTEGER,
                claim_start INTEGER,
                claim_purpose TEXT
            ) STRICT, WITHOUT ROWID
            """,
            """
            CREATE TABLE image_references (
                name TEXT PRIMARY KEY,
                media_type TEXT NOT NULL,
                manifest TEXT NOT NULL,
                manifest_size INTEGER NOT NULL,
                id TEXT NOT NULL,
                layers TEXT NOT NULL,
                size INTEGER NOT NULL,
                created INTEGER
            ) STRICT, WITHOUT ROWID
            """,
            "CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID",
        ],
    ];

    public static void Ensure(Database database)
    {
        if (Version(database) == s_steps.Length)
            return;
        database.Run("PRAGMA journal_mode = WAL");
        database.Transact(durable: true, () =>
        {
            // Read again: another process may have done it since.
            long version = Version(database);
            if (version > s_steps.Length)
                throw new ContainerException(ContainerErrorKind.Unsupported, $"the state file is of version {version}, this program knows {s_steps.Length}") { Hint = "use the newer rundlet that wrote it" };
            for (; version < s_steps.Length; version++)
            {
                foreach (string statement in s_steps[version])
                    database.Run(statement);
            }
            database.Run($"PRAGMA user_version = {s_steps.Length}");
        });
    }

    private static long Version(Database database)
    {
        using Statement statement = database.Prepare("PRAGMA user_version");
        return statement.Next() ? statement.Number(0) : 0;
    }
}
