namespace Rundlet.Linux;

/// <summary>
/// A failed operation, told as a chain from the outermost to the cause:
/// <c>create container 'web': set up network 'front': add veth: EEXIST (File exists)</c>.
/// </summary>
public sealed class ContainerException : Exception
{
    /// <summary>Tells what failed.</summary>
    /// <param name="kind">What sort of failure it is.</param>
    /// <param name="message">This layer's part of the chain: lower case, subject in quotes, no full stop.</param>
    /// <param name="inner">The cause; its message follows after a colon.</param>
    public ContainerException(ContainerErrorKind kind, string message, Exception? inner = null)
        : base(inner is null ? message : $"{message}: {inner.Message}", inner)
    {
        Kind = kind;
    }

    /// <summary>What sort of failure it is.</summary>
    public ContainerErrorKind Kind { get; }

    /// <summary>What the user can do about it, as one sentence without a full stop; null where no cure is known.</summary>
    public string? Hint { get; init; }

    /// <summary>The first hint along the chain.</summary>
    public static string? HintOf(Exception? exception)
    {
        for (; exception is not null; exception = exception.InnerException)
        {
            if (exception is ContainerException { Hint: { } hint })
                return hint;
        }
        return null;
    }
}
