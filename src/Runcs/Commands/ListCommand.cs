using System.Text;
using Rundlet.Linux;
using Rundlet.Oci;
using Rundlet.Runcs.CommandLine;
using Rundlet.Runtime;
using Rundlet.Runtime.State;

namespace Rundlet.Runcs.Commands;

/// <summary><c>runcs list</c>.</summary>
internal sealed class ListCommand : Command
{
    public override string Name => "list";

    public override string Usage => "";

    public override string Summary => "list the containers";

    public override IReadOnlyList<Option> Options =>
    [
        new("format", 'f', "table|json", "how (default table)"),
        new("quiet", 'q', null, "ids only"),
    ];

    public override int Run(GlobalOptions global, Arguments arguments)
    {
        StateStore store = global.Store;
        List<string> ids = store.List();
        if (arguments.Has("quiet"))
        {
            foreach (string id in ids)
                Output.Write(id + "\n");
            return 0;
        }
        string format = arguments.Value("format") ?? "table";
        if (format is not ("table" or "json"))
            throw new ContainerException(ContainerErrorKind.InvalidArgument, $"invalid format '{format}': use table or json");
        List<ContainerHandle> containers = [];
        foreach (string id in ids)
        {
            if (TryLook(store, id) is { } container)
                containers.Add(container);
        }
        if (format == "json")
            WriteJson(containers);
        else
            WriteTable(containers);
        foreach (ContainerHandle container in containers)
            container.Dispose();
        return 0;
    }

    // Another command may delete one while we list, and a damaged one, of which state tells more, must not hide the others.
    private static ContainerHandle? TryLook(StateStore store, string id)
    {
        try
        {
            return ContainerHandle.Look(store, id);
        }
        catch (ContainerException gone) when (gone.Kind is ContainerErrorKind.NotFound or ContainerErrorKind.InvalidArgument or ContainerErrorKind.Internal)
        {
            return null;
        }
    }

    private static void WriteJson(List<ContainerHandle> containers)
    {
        JsonWriter json = new();
        json.WriteStartArray();
        foreach (ContainerHandle container in containers)
            StateJson.Write(json, container);
        json.WriteEndArray();
        json.EndLine();
        Output.Write(json.ToArray());
    }

    private static int WidthOf(List<string[]> rows, int column)
    {
        int width = 12;
        foreach (string[] row in rows)
            width = Math.Max(width, row[column].Length + 3);
        return width;
    }

    private static void WriteTable(List<ContainerHandle> containers)
    {
        List<string[]> rows = [["ID", "PID", "STATUS", "BUNDLE", "CREATED", "OWNER"]];
        foreach (ContainerHandle container in containers)
        {
            int pid = container.Status is ContainerStatus.Stopped or ContainerStatus.Creating ? 0 : container.State?.Pid ?? 0;
            rows.Add([container.Folder.Id, $"{pid}", container.StatusWord, container.State?.Bundle ?? "", Timestamp.Of(container.State?.Created ?? DateTimeOffset.UnixEpoch), OwnerName.Of(container.State?.Owner ?? 0)]);
        }
        StringBuilder text = new();
        foreach (string[] row in rows)
        {
            for (int column = 0; column < 5; column++)
                text.Append(row[column].PadRight(WidthOf(rows, column)));
            text.Append(row[5]).Append('\n');
        }
        Output.Write(text.ToString());
    }
}
