using Rundlet.Cli.CommandLine;
using Rundlet.Cli.Terminal;
using Rundlet.Engine;
using Rundlet.Engine.Operations;
using Rundlet.Engine.State;
using Rundlet.Images.Diffs;
using Rundlet.Linux;

namespace Rundlet.Cli.Commands;

internal sealed class DiffCommand : Command
{
    private const int StandardOutput = 1;

    public override string Name => "diff";

    public override string Usage => "CONTAINER";

    public override string Summary => "List what a container changed in the files of its image: A added, C changed, D deleted.";

    public override int Run(Session session, Arguments arguments)
    {
        if (arguments.Words.Count != 1)
            throw Wants(arguments, "one container");
        using ContainerEngine engine = session.OpenEngine();
        ContainerRecord record = engine.Containers.Get(arguments.Words[0]);
        IReadOnlyList<TreeChange> changes = Interrupt.Run($"diff of '{record.Name}'", null, cancel => DiffContainer.Run(engine, record, cancel));
        var lines = new MemoryStream();
        foreach (TreeChange change in changes)
        {
            lines.Write(change.Kind switch { TreeChangeKind.Added => "A "u8, TreeChangeKind.Deleted => "D "u8, _ => "C "u8 });
            WriteName(lines, change.Path);
            lines.WriteByte((byte)'\n');
        }
        FileIo.WriteAll(StandardOutput, lines.GetBuffer().AsSpan(0, (int)lines.Length), "standard output");
        return 0;
    }

    /// <summary>The bytes as they are, UTF-8 or not; only what could forge a line or colour the terminal is shown as <c>\xHH</c>.</summary>
    private static void WriteName(MemoryStream lines, ReadOnlySpan<byte> name)
    {
        foreach (byte b in name)
        {
            if (b is < 0x20 or 0x7f)
                lines.Write(System.Text.Encoding.ASCII.GetBytes($"\\x{b:x2}"));
            else
                lines.WriteByte(b);
        }
    }
}
