namespace Rundlet.Linux.Seccomp;

/// <summary>A condition on one argument of a system call.</summary>
/// <param name="Index">Which, 0 to 5.</param>
/// <param name="Value">What it is compared with; the mask for <see cref="SeccompOperator.MaskedEqual"/>.</param>
/// <param name="ValueTwo">What the bits under the mask are compared with.</param>
/// <param name="Operator">How.</param>
public readonly record struct SeccompArgument(uint Index, ulong Value, ulong ValueTwo, SeccompOperator Operator);
