using System.Text;
using Rundlet.Linux;
using Rundlet.Runcs.CommandLine;
using Rundlet.Runtime;

namespace Rundlet.Runcs.Commands;

/// <summary><c>runcs ps</c>: host pids as JSON, or those lines of the program ps(1) that are about the container.</summary>
internal sealed class PsCommand : Command
{
    public override string Name => "ps";

    public override string Usage => "ID [PS OPTIONS]";

    public override string Summary => "list the processes of a container";

    public override bool Interspersed => false; // what follows the id is for ps(1)

    public override IReadOnlyList<Option> Options => [new("format", 'f', "table|json", "how (default table)")];

    public override int Run(GlobalOptions global, Arguments arguments)
    {
        if (arguments.Words.Count < 1)
            throw new ContainerException(ContainerErrorKind.InvalidArgument, $"ps needs an argument: {Usage}");
        string format = arguments.Value("format") ?? "table";
        if (format is not ("table" or "json"))
            throw new ContainerException(ContainerErrorKind.InvalidArgument, $"invalid format '{format}': use table or json");
        List<int> pids = ListProcesses.Run(global.Store, arguments.Words[0]);
        if (format == "json")
            Output.Write($"[{string.Join(',', pids)}]\n");
        else
            WriteTable(HostProcessTable.Read(arguments.Words.Count > 1 ? arguments.Words[1..] : ["-ef"]), pids);
        return 0;
    }

    private static void WriteTable(string table, List<int> pids)
    {
        string[] lines = table.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        int column = lines.Length == 0 ? -1 : Array.IndexOf(FieldsOf(lines[0]), "PID");
        if (column < 0)
            throw new ContainerException(ContainerErrorKind.InvalidArgument, "ps: there is no PID column with these options") { Hint = "add -o pid to them, or leave them out" };
        StringBuilder text = new StringBuilder(lines[0]).Append('\n');
        foreach (string line in lines.AsSpan(1))
        {
            string[] fields = FieldsOf(line);
            if (fields.Length > column && int.TryParse(fields[column], out int pid) && pids.BinarySearch(pid) >= 0)
                text.Append(line).Append('\n');
        }
        Output.Write(text.ToString());
    }

    private static string[] FieldsOf(string line) => line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
