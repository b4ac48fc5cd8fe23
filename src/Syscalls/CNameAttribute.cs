namespace Rundlet.Syscalls;

/// <summary>The C name of a constant where it is not the prefix of its class (<see cref="HeaderAttribute.Prefix"/>) and its own name.</summary>
[AttributeUsage(AttributeTargets.Field)]
public sealed class CNameAttribute(string name) : Attribute
{
    /// <summary>The whole name in C.</summary>
    public string Name { get; } = name;
}
