using System.Text;
using System.Text.Json;
using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Engine.Logs;

/// <summary>The entries of one container in the machine's journal, read through libsystemd.</summary>
internal sealed class JournalSource : ILogSource
{
    // Fields that the supervisor writes besides the attributes.
    private static readonly string[] s_own =
    [
        "MESSAGE", "PRIORITY", "IMAGE_NAME", "SYSLOG_IDENTIFIER", "SYSLOG_TIMESTAMP", "CONTAINER_ID", "CONTAINER_ID_FULL", "CONTAINER_NAME", "CONTAINER_TAG", "CONTAINER_LOG_EPOCH",
        "CONTAINER_LOG_ORDINAL", "CONTAINER_PARTIAL_ID", "CONTAINER_PARTIAL_ORDINAL", "CONTAINER_PARTIAL_LAST", "CONTAINER_PARTIAL_MESSAGE",
    ];

    private readonly LogWindow _window;
    private readonly nint _journal;
    private readonly MemoryStream _text = new();
    private readonly Dictionary<string, string> _attributes = [];
    private byte[] _time = [];
    private bool _isError;

    /// <exception cref="ContainerException">Unsupported: there is no libsystemd; Unavailable: no journal.</exception>
    public JournalSource(string id, LogRequest request)
    {
        _window = request.Window;
        Settle();
        try
        {
            Check(Journal.Open(out _journal, Journal.LocalOnly), "open");
            Check(Journal.AddMatch(_journal, Encoding.ASCII.GetBytes($"CONTAINER_ID_FULL={id}")), "search");
        }
        catch (DllNotFoundException e)
        {
            throw new ContainerException(ContainerErrorKind.Unsupported, "reading the journal needs libsystemd.so.0", e) { Hint = $"journalctl CONTAINER_ID_FULL={id} shows the log" };
        }
        Fd = request.Follow ? Check(Journal.Fd(_journal), "watch") : -1;
        Seek(request);
    }

    /// <inheritdoc/>
    public int Fd { get; }

    /// <inheritdoc/>
    public long Damaged => 0;

    /// <inheritdoc/>
    public void Settle() => JournalSync.Run();

    /// <inheritdoc/>
    public void Read(LogVisitor write)
    {
        if (Fd >= 0)
            Check(Journal.Process(_journal), "watch");
        while (Check(Journal.Next(_journal), "read") > 0)
        {
            Take();
            if (_window.Contains(_time))
                write(new LogRecord { Text = _text.GetBuffer().AsSpan(0, (int)_text.Length), IsError = _isError, Time = _time, Attributes = Attributes() });
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Journal.Close(_journal);

    private void Seek(LogRequest request)
    {
        if (request.Tail is not { } lines)
        {
            Check(request.Since is { } since ? Journal.SeekTime(_journal, Microseconds(since)) : Journal.SeekHead(_journal), "seek in");
            return;
        }
        Check(request.Until is { } until ? Journal.SeekTime(_journal, Microseconds(until) + 1) : Journal.SeekTail(_journal), "seek in");
        // One more than wanted, because the next step forwards comes before the first reading; with fewer entries that would skip one.
        int back = Check(Journal.Back(_journal, (ulong)lines + 1), "seek in");
        if (back <= lines)
            Check(Journal.SeekHead(_journal), "seek in");
    }

    private void Take()
    {
        _text.SetLength(0);
        _attributes.Clear();
        _isError = false;
        bool isPart = false;
        Check(Journal.Time(_journal, out ulong time), "read");
        _time = LogMoment.Of(DateTimeOffset.UnixEpoch.AddMicroseconds(time));
        Journal.RestartData(_journal);
        while (Check(Journal.NextData(_journal, out ReadOnlySpan<byte> data), "read") > 0)
        {
            int equals = data.IndexOf((byte)'=');
            if (equals <= 0 || data[0] == (byte)'_')
                continue;
            string name = Encoding.ASCII.GetString(data[..equals]);
            ReadOnlySpan<byte> value = data[(equals + 1)..];
            if (name == "MESSAGE")
                _text.Write(value);
            else if (name == "PRIORITY")
                _isError = value.SequenceEqual("3"u8) || value.SequenceEqual("4"u8);
            else if (name == "SYSLOG_TIMESTAMP" && value.Length == LogMoment.Length)
                _time = value.ToArray();
            else if (name == "CONTAINER_PARTIAL_MESSAGE")
                isPart = true;
            else if (!s_own.Contains(name))
                _attributes[name] = Encoding.UTF8.GetString(value);
        }
        if (!isPart)
            _text.WriteByte((byte)'\n');
    }

    private byte[] Attributes()
    {
        if (_attributes.Count == 0)
            return [];
        using MemoryStream bytes = new();
        using (Utf8JsonWriter json = new(bytes))
        {
            json.WriteStartObject();
            foreach ((string name, string value) in _attributes)
                json.WriteString(name, value);
            json.WriteEndObject();
        }
        return bytes.ToArray();
    }

    private static ulong Microseconds(DateTimeOffset moment) => (ulong)Math.Max(0, (moment - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond);

    private static int Check(int answer, string step) => answer >= 0
        ? answer
        : throw new ContainerException(ContainerErrorKind.Unavailable, $"{step} the journal", new LinuxException(Sys.ErrorOf(answer), "sd_journal"));
}
