namespace Rundlet.Engine.Secrets;

/// <summary>What may be told of a secret.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Created">When its present value was given.</param>
/// <param name="Size">How long the value is, in bytes.</param>
public sealed record SecretRecord(string Name, DateTimeOffset Created, long Size);
