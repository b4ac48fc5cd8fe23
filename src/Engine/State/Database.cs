using Rundlet.Linux;
using SQLitePCL;

namespace Rundlet.Engine.State;

/// <summary>
/// The one SQLite file, in WAL mode: readers never wait, writers wait for each other. It is used through SQLite's own
/// functions: an ADO.NET layer above them costs a command a millisecond.
/// </summary>
/// <remarks>
/// A commit survives the death of the process. Whether it survives a power cut is the caller's choice, see
/// <see cref="Transact"/>: the sync is a third of a millisecond that a container which removes itself need not pay.
/// Closing does not checkpoint; SQLite does that itself after every hundred pages.
/// </remarks>
public sealed class Database : IDisposable
{
    private const int BusyMilliseconds = 10_000;

    // A command that finds nobody else with the file open reads the whole log: 3 µs a page.
    private const int CheckpointPages = 100;

    private readonly sqlite3 _handle;
    private readonly string _path;

    static Database() => raw.SetProvider(new SQLite3Provider_sqlite3());

    private readonly DiskReserve _reserve;
    private bool _isFull;

    private Database(sqlite3 handle, string path)
    {
        _handle = handle;
        _path = path;
        _reserve = new DiskReserve(Path.GetDirectoryName(path)!);
    }

    /// <summary>Opens the file, making it and its tables where they are missing.</summary>
    /// <exception cref="ContainerException">It cannot be opened, or a newer version wrote it.</exception>
    public static Database Open(string path)
    {
        while (true)
        {
            int answer = raw.sqlite3_open_v2(path, out sqlite3 handle, raw.SQLITE_OPEN_READWRITE | raw.SQLITE_OPEN_CREATE | raw.SQLITE_OPEN_NOMUTEX, null);
            var database = new Database(handle, path);
            try
            {
                database.Check(answer);
                database.SetUp();
                return database;
            }
            catch (ContainerException) when (database._isFull && database._reserve.Release())
            {
                database.Dispose();
            }
            catch
            {
                database.Dispose();
                throw;
            }
        }
    }

    /// <summary>Compiles one statement.</summary>
    public Statement Prepare(string sql)
    {
        Check(raw.sqlite3_prepare_v2(_handle, sql, out sqlite3_stmt statement), sql);
        return new Statement(this, statement);
    }

    /// <summary>Runs one statement without parameters.</summary>
    public void Run(string sql)
    {
        using Statement statement = Prepare(sql);
        while (statement.Next())
        {
            // a PRAGMA answers with a row that says what it did
        }
    }

    /// <summary>How many rows the last statement changed.</summary>
    public int Changes => raw.sqlite3_changes(_handle);

    /// <summary>Runs work in a write transaction; an exception rolls it back.</summary>
    /// <param name="durable">Whether the commit must survive a power cut.</param>
    /// <param name="work">What to do; done again where the disk was full and the reserve has made room.</param>
    public T Transact<T>(bool durable, Func<T> work)
    {
        try
        {
            return Attempt(durable, work);
        }
        catch (ContainerException) when (_isFull && _reserve.Release())
        {
            T result = Attempt(durable, work);
            _reserve.Ensure();
            return result;
        }
    }

    /// <inheritdoc cref="Transact{T}"/>
    public void Transact(bool durable, Action work) => Transact(durable, () =>
    {
        work();
        return true;
    });

    /// <inheritdoc/>
    public void Dispose() => raw.sqlite3_close_v2(_handle);

    /// <summary>Throws for an answer that is an error.</summary>
    internal void Check(int answer, string? sql = null)
    {
        if (answer is raw.SQLITE_OK or raw.SQLITE_ROW or raw.SQLITE_DONE)
            return;
        string reason = raw.sqlite3_errmsg(_handle).utf8_to_string();
        int extended = raw.sqlite3_extended_errcode(_handle);
        ContainerErrorKind kind = extended switch
        {
            raw.SQLITE_CONSTRAINT_PRIMARYKEY or raw.SQLITE_CONSTRAINT_UNIQUE => ContainerErrorKind.AlreadyExists,
            raw.SQLITE_CONSTRAINT_FOREIGNKEY => ContainerErrorKind.NotFound,
            _ when answer is raw.SQLITE_BUSY or raw.SQLITE_LOCKED => ContainerErrorKind.Unavailable,
            _ => ContainerErrorKind.Internal,
        };
        // The second is an index that could not grow.
        // What is beyond a quota SQLite tells as it tells a broken disk.
        _isFull = answer == raw.SQLITE_FULL || extended == raw.SQLITE_IOERR_SHMSIZE || (extended == raw.SQLITE_IOERR_WRITE && _reserve.IsSpaceShort());
        if (_isFull)
            throw new ContainerException(ContainerErrorKind.Unavailable, $"state file '{_path}': the disk is full") { Hint = "free some space, then try again" };
        throw new ContainerException(kind, sql is null ? $"state file '{_path}': {reason}" : $"state file '{_path}': '{sql}': {reason}");
    }

    private void SetUp()
    {
        raw.sqlite3_busy_timeout(_handle, BusyMilliseconds);
        Check(raw.sqlite3_db_config(_handle, raw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, out _));
        Run("PRAGMA foreign_keys = ON");
        Run($"PRAGMA wal_autocheckpoint = {CheckpointPages}");
        Schema.Ensure(this);
        _reserve.Ensure();
    }

    private T Attempt<T>(bool durable, Func<T> work)
    {
        _isFull = false; // what failed before, or was only read, says nothing about this
        Run(durable ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL");
        Run("BEGIN IMMEDIATE");
        try
        {
            T result = work();
            Run("COMMIT");
            return result;
        }
        catch
        {
            // SQLite has rolled back by itself after some errors; then there is nothing left to do.
            if (raw.sqlite3_get_autocommit(_handle) == 0)
                Run("ROLLBACK");
            throw;
        }
    }
}
