using Rundlet.Engine.Networks;
using Rundlet.Linux;
using Rundlet.Syscalls;

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
        [
            """
            CREATE TABLE images (
                manifest TEXT PRIMARY KEY,
                media_type TEXT NOT NULL,
                manifest_size INTEGER NOT NULL,
                id TEXT NOT NULL,
                size INTEGER NOT NULL,
                created INTEGER
            ) STRICT, WITHOUT ROWID
            """,
            "CREATE INDEX images_by_id ON images (id)",
            """
            CREATE TABLE image_layers (
                manifest TEXT NOT NULL REFERENCES images ON DELETE CASCADE,
                position INTEGER NOT NULL,
                chain_id TEXT NOT NULL,
                PRIMARY KEY (manifest, position)
            ) STRICT, WITHOUT ROWID
            """,
            """
            CREATE TABLE image_blobs (
                manifest TEXT NOT NULL REFERENCES images ON DELETE CASCADE,
                blob TEXT NOT NULL,
                PRIMARY KEY (manifest, blob)
            ) STRICT, WITHOUT ROWID
            """,
            "CREATE TABLE leases (lease INTEGER PRIMARY KEY, pid INTEGER NOT NULL, start_time INTEGER NOT NULL) STRICT",
            """
            CREATE TABLE lease_contents (
                lease INTEGER NOT NULL REFERENCES leases ON DELETE CASCADE,
                digest TEXT NOT NULL,
                PRIMARY KEY (lease, digest)
            ) STRICT, WITHOUT ROWID
            """,
            // Version 1 kept the image in each reference. Which blobs it has is not in there: the image store reads that again when
            // it needs it.
            "INSERT OR IGNORE INTO images SELECT manifest, media_type, manifest_size, id, size, created FROM image_references",
            """
            WITH RECURSIVE split (manifest, position, chain_id, rest) AS (
                SELECT manifest, -1, '', layers || ' ' FROM image_references WHERE layers <> ''
                UNION
                SELECT manifest, position + 1, substr(rest, 1, instr(rest, ' ') - 1), substr(rest, instr(rest, ' ') + 1) FROM split WHERE rest <> ''
            )
            INSERT OR IGNORE INTO image_layers SELECT manifest, position, chain_id FROM split WHERE position >= 0
            """,
            "ALTER TABLE image_references RENAME TO old_references",
            """
            CREATE TABLE image_references (
                name TEXT PRIMARY KEY,
                target TEXT NOT NULL,
                manifest TEXT NOT NULL REFERENCES images
            ) STRICT, WITHOUT ROWID
            """,
            "INSERT INTO image_references SELECT name, manifest, manifest FROM old_references",
            "DROP TABLE old_references",
            "CREATE INDEX references_by_manifest ON image_references (manifest)",
            "ALTER TABLE containers ADD COLUMN manifest TEXT REFERENCES images",
            "CREATE INDEX containers_by_manifest ON containers (manifest)",
            "UPDATE containers SET manifest = (SELECT min(i.manifest) FROM images i WHERE i.id = containers.image_id)",
        ],
        [
            """
            CREATE TABLE volumes (
                name TEXT PRIMARY KEY,
                created INTEGER NOT NULL,
                anonymous INTEGER NOT NULL,
                labels TEXT NOT NULL,
                options TEXT NOT NULL,
                claim_pid INTEGER,
                claim_start INTEGER,
                claim_purpose TEXT,
                moved_from TEXT
            ) STRICT, WITHOUT ROWID
            """,
            "CREATE INDEX volumes_by_claim ON volumes (claim_pid) WHERE claim_pid IS NOT NULL",
            """
            CREATE TABLE container_volumes (
                container TEXT NOT NULL REFERENCES containers ON DELETE CASCADE,
                volume TEXT NOT NULL REFERENCES volumes,
                anonymous INTEGER NOT NULL,
                PRIMARY KEY (container, volume)
            ) STRICT, WITHOUT ROWID
            """,
            "CREATE INDEX container_volumes_by_volume ON container_volumes (volume)",
        ],
        [
            """
            CREATE TABLE id_ranges (
                container TEXT PRIMARY KEY REFERENCES containers ON DELETE CASCADE,
                first INTEGER NOT NULL,
                size INTEGER NOT NULL
            ) STRICT, WITHOUT ROWID
            """,
        ],
        [
            "ALTER TABLE containers ADD COLUMN claim_holder INTEGER",
            // Each command asks for both when it begins, and finds hardly any.
            "CREATE INDEX containers_by_claim ON containers (claim_pid) WHERE claim_pid IS NOT NULL",
            "CREATE INDEX containers_passing ON containers (auto_remove) WHERE auto_remove = 1",
        ],
        [
            """
            CREATE TABLE networks (
                id TEXT PRIMARY KEY,
                name TEXT NOT NULL UNIQUE,
                driver TEXT NOT NULL,
                created INTEGER NOT NULL,
                definition TEXT NOT NULL,
                labels TEXT NOT NULL,
                claim_pid INTEGER,
                claim_start INTEGER,
                claim_purpose TEXT
            ) STRICT, WITHOUT ROWID
            """,
            "CREATE INDEX networks_by_claim ON networks (claim_pid) WHERE claim_pid IS NOT NULL",
            """
            CREATE TABLE container_networks (
                container TEXT NOT NULL REFERENCES containers ON DELETE CASCADE,
                network TEXT NOT NULL REFERENCES networks,
                position INTEGER NOT NULL,
                endpoint TEXT NOT NULL,
                PRIMARY KEY (container, network)
            ) STRICT, WITHOUT ROWID
            """,
            "CREATE INDEX container_networks_by_network ON container_networks (network)",
            $"""
            INSERT INTO networks (id, name, driver, created, definition, labels)
            SELECT column1, column2, column3, CAST(strftime('%s', 'now') AS INTEGER) * 1000, '{"{}"}', '{"{}"}' FROM (VALUES
                ('{BuiltInNetworks.BridgeId}', '{BuiltInNetworks.Bridge}', 'bridge'),
                ('{BuiltInNetworks.HostId}', '{BuiltInNetworks.Host}', 'host'),
                ('{BuiltInNetworks.NoneId}', '{BuiltInNetworks.None}', 'null'))
            """,
        ],
        [
            """
            CREATE TABLE container_images (
                container TEXT NOT NULL REFERENCES containers ON DELETE CASCADE,
                manifest TEXT NOT NULL REFERENCES images,
                PRIMARY KEY (container, manifest)
            ) STRICT, WITHOUT ROWID
            """,
            "CREATE INDEX container_images_by_manifest ON container_images (manifest)",
        ],
    ];

    public static void Ensure(Database database)
    {
        if (Version(database) == s_steps.Length)
            return;
        UseWriteAheadLog(database);
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

    // Two that make the file at once: this one change SQLite does not wait for by itself.
    private static void UseWriteAheadLog(Database database)
    {
        const int Attempts = 1000, PauseMilliseconds = 10;
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                database.Run("PRAGMA journal_mode = WAL");
                return;
            }
            catch (ContainerException e) when (e.Kind == ContainerErrorKind.Unavailable && attempt < Attempts)
            {
                _ = Sys.poll([], PauseMilliseconds); // ignored: a shorter pause does no harm
            }
        }
    }

    private static long Version(Database database)
    {
        using Statement statement = database.Prepare("PRAGMA user_version");
        return statement.Next() ? statement.Number(0) : 0;
    }
}
