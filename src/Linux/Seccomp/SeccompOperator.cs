namespace Rundlet.Linux.Seccomp;

/// <summary>How an argument is compared, as unsigned numbers.</summary>
public enum SeccompOperator
{
    /// <summary>Not equal.</summary>
    NotEqual,

    /// <summary>Less.</summary>
    Less,

    /// <summary>Less or equal.</summary>
    LessOrEqual,

    /// <summary>Equal.</summary>
    Equal,

    /// <summary>Greater or equal.</summary>
    GreaterOrEqual,

    /// <summary>Greater.</summary>
    Greater,

    /// <summary>The bits under a mask equal.</summary>
    MaskedEqual,
}
