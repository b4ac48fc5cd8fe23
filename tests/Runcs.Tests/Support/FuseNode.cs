using Rundlet.Syscalls;

namespace Rundlet.Runcs.Tests;

/// <summary>A file or folder of a <see cref="FuseServer"/>.</summary>
internal sealed class FuseNode
{
    public required ulong Id { get; init; }

    public bool IsFolder { get; init; }

    public Dictionary<string, FuseNode> Children { get; } = [];

    public Func<string> Read { get; init; } = () => "";

    public Func<string, Errno>? Write { get; init; }

    public Action? Opened { get; init; }
}
