namespace Rundlet.Linux;

/// <summary>What sort of failure a <see cref="ContainerException"/> is; front ends map it to exit codes, HTTP statuses and gRPC codes.</summary>
public enum ContainerErrorKind
{
    /// <summary>A fault of ours or of the machine.</summary>
    Internal,

    /// <summary>The named object does not exist.</summary>
    NotFound,

    /// <summary>The name or id is taken.</summary>
    AlreadyExists,

    /// <summary>The caller asked for something malformed or out of range.</summary>
    InvalidArgument,

    /// <summary>The object is in a state that does not allow the operation.</summary>
    Conflict,

    /// <summary>The caller lacks a right.</summary>
    PermissionDenied,

    /// <summary>Something that is needed does not answer now; trying again may help.</summary>
    Unavailable,

    /// <summary>This kernel, machine or build cannot do it.</summary>
    Unsupported,

    /// <summary>The caller ended it.</summary>
    Canceled,
}
