namespace Rundlet.Runtime.Supervision;

/// <summary>What a frame of the control protocol carries.</summary>
public enum FrameType : byte
{
    /// <summary>Client: a <see cref="ControlRequest"/>. Fds may come with it while no earlier request is unanswered.</summary>
    Request = 1,

    /// <summary>Supervisor: a <see cref="ControlResponse"/>; an fd may come with it.</summary>
    Response = 2,

    /// <summary>Client: bytes for the container's stdin or terminal.</summary>
    Stdin = 3,

    /// <summary>Supervisor: bytes of the container's stdout, or of its terminal.</summary>
    Stdout = 4,

    /// <summary>Supervisor: bytes of the container's stderr.</summary>
    Stderr = 5,

    /// <summary>Client: the container's stdin ends here.</summary>
    StdinEnd = 6,

    /// <summary>Client: the terminal's new size, two numbers of 16 bits, little-endian: rows, columns.</summary>
    Resize = 7,

    /// <summary>Supervisor: the <see cref="ExitRecord"/> of what this client waits for.</summary>
    Exit = 8,

    /// <summary>Client: no more streams, please.</summary>
    Detach = 9,
}
