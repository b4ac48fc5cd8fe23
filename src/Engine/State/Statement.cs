using SQLitePCL;

namespace Rundlet.Engine.State;

/// <summary>One compiled statement: bind, then step through its rows.</summary>
public readonly struct Statement : IDisposable
{
    private readonly Database _database;
    private readonly sqlite3_stmt _handle;

    internal Statement(Database database, sqlite3_stmt handle)
    {
        _database = database;
        _handle = handle;
    }

    /// <summary>Sets parameter <paramref name="index"/>, the first is 1.</summary>
    public Statement Bind(int index, string? value)
    {
        _database.Check(value is null ? raw.sqlite3_bind_null(_handle, index) : raw.sqlite3_bind_text(_handle, index, value));
        return this;
    }

    /// <inheritdoc cref="Bind(int, string?)"/>
    public Statement Bind(int index, long? value)
    {
        _database.Check(value is null ? raw.sqlite3_bind_null(_handle, index) : raw.sqlite3_bind_int64(_handle, index, value.Value));
        return this;
    }

    /// <summary>Goes to the next row; false behind the last one.</summary>
    public bool Next()
    {
        int answer = raw.sqlite3_step(_handle);
        _database.Check(answer);
        return answer == raw.SQLITE_ROW;
    }

    /// <summary>The text in a column, the first is 0; null where there is none.</summary>
    public string? TextOrNull(int column) =>
        raw.sqlite3_column_type(_handle, column) == raw.SQLITE_NULL ? null : raw.sqlite3_column_text(_handle, column).utf8_to_string();

    /// <summary>The text in a column that always has one.</summary>
    public string Text(int column) => raw.sqlite3_column_text(_handle, column).utf8_to_string();

    /// <summary>The number in a column that always has one.</summary>
    public long Number(int column) => raw.sqlite3_column_int64(_handle, column);

    /// <summary>The number in a column; null where there is none.</summary>
    public long? NumberOrNull(int column) => raw.sqlite3_column_type(_handle, column) == raw.SQLITE_NULL ? null : Number(column);

    /// <inheritdoc/>
    public void Dispose() => _handle.Dispose();
}
