using Rundlet.Syscalls;

namespace Rundlet.Runcs.Tests;

/// <summary>A program that nobody gets to run before the test says so: execve(2) waits for its file to be opened. One at a time.</summary>
internal sealed class HeldProgram : FuseServer
{
    private readonly ManualResetEventSlim _reached = new();
    private readonly ManualResetEventSlim _go = new();

    public HeldProgram()
    {
        AddFile(Root, "program", () => "#!/bin/true\n", opened: () =>
        {
            _reached.Set();
            _go.Wait(BoundedProcess.Patience);
        });
        Begin();
    }

    /// <summary>Waits until somebody stands in execve(2).</summary>
    public void AwaitExecution() => Assert.True(_reached.Wait(BoundedProcess.Patience), "nobody executes the program");

    /// <summary>Lets go of who does, and of all that come later.</summary>
    public void Release() => _go.Set();

    protected override Errno MakeFolder(FuseNode parent, string name) => Errno.EROFS;

    protected override Errno RemoveFolder(FuseNode parent, string name) => Errno.EROFS;
}
