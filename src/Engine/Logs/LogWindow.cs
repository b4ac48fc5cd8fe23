namespace Rundlet.Engine.Logs;

/// <summary>A span of time, both ends included; see <see cref="LogMoment"/>.</summary>
/// <param name="Since">Its beginning; null for none.</param>
/// <param name="Until">Its end; null for none.</param>
internal sealed record LogWindow(byte[]? Since, byte[]? Until)
{
    /// <summary>Whether a moment is in it; one that is not known is.</summary>
    public bool Contains(ReadOnlySpan<byte> moment) =>
        moment.IsEmpty || ((Since is null || moment.SequenceCompareTo(Since) >= 0) && (Until is null || moment.SequenceCompareTo(Until) <= 0));
}
