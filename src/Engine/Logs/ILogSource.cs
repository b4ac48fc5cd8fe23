namespace Rundlet.Engine.Logs;

/// <summary>Where the records of one container come from.</summary>
internal interface ILogSource : IDisposable
{
    /// <summary>An fd that becomes readable when there may be more, besides the container's folder; -1 for none.</summary>
    int Fd { get; }

    /// <summary>How many lines were damaged and passed over.</summary>
    long Damaged { get; }

    /// <summary>Waits until what an ended container wrote can be read.</summary>
    void Settle();

    /// <summary>Gives all records that are there and were not given yet.</summary>
    void Read(LogVisitor write);
}
