using Rundlet.Runtime.Supervision;

namespace Rundlet.Supervisor;

/// <summary>What stands behind the control socket.</summary>
internal interface IControlHandler
{
    /// <summary>A request. What it throws is the client's answer.</summary>
    void Handle(ControlClient client, ControlRequest request);

    /// <summary>A frame of another kind; false where clients may not send it now.</summary>
    bool TryHandle(ControlClient client, FrameType type, ReadOnlySpan<byte> payload);

    /// <summary>The connection has ended.</summary>
    void Gone(ControlClient client);
}
