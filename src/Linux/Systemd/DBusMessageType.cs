namespace Rundlet.Linux.Systemd;

/// <summary>What a message is. Specification: "Message Format".</summary>
internal enum DBusMessageType : byte
{
    /// <summary>A method call.</summary>
    Call = 1,

    /// <summary>The answer to one.</summary>
    Return = 2,

    /// <summary>The refusal of one.</summary>
    Error = 3,

    /// <summary>A signal.</summary>
    Signal = 4,
}
