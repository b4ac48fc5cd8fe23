using System.Diagnostics;

namespace Rundlet.ChildCheck;

//   object files of ILC -> objdump -> Disassembly -> ChildWalk (from ContainerInit.Run) -> Reach -> compared with reach.txt
//
// Exit status: 0 clean, 1 the child reaches what it must not or what is not on the list, 2 the check itself could not run.

/// <summary><c>childcheck --list FILE [--accept] OBJECT...</c></summary>
internal static class Program
{
    private const string Usage = "usage: childcheck --list FILE [--accept] OBJECT...";

    private static int Main(string[] words)
    {
        string? list = null;
        bool accept = false;
        List<string> objects = [];
        for (int i = 0; i < words.Length; i++)
        {
            if (words[i] == "--accept")
                accept = true;
            else if (words[i] == "--list" && i + 1 < words.Length)
                list = words[++i];
            else
                objects.Add(words[i]);
        }
        if (list is null || objects.Count == 0)
            return CannotRun(Usage);
        try
        {
            return Check(list, accept, objects);
        }
        catch (Exception failed) when (failed is IOException or InvalidDataException or System.ComponentModel.Win32Exception)
        {
            return CannotRun($"childcheck: {failed.Message}");
        }
    }

    private static int Check(string listPath, bool accept, List<string> objects)
    {
        Reach reach = new();
        foreach (string file in objects)
            reach.Add(Path.GetFileNameWithoutExtension(file), ChildWalk.Run(Disassembly.Parse(Disassemble(file)), ChildWalk.Root, ChildWalk.SharingRoot));
        ReachList list = ReachList.Read(listPath);
        if (accept)
        {
            list.Replace(reach.Entries);
            list.Write(listPath);
        }
        List<string> complaints = [.. reach.Violations, .. list.Compare(reach.Entries)];
        foreach (string complaint in complaints)
            Console.Error.WriteLine(complaint);
        Console.WriteLine($"childcheck: {reach.Entries.Count} names reached in {string.Join(" and ", objects.Select(Path.GetFileNameWithoutExtension))}, {complaints.Count} complaints");
        return complaints.Count == 0 ? 0 : 1;
    }

    private static IEnumerable<string> Disassemble(string file)
    {
        if (!File.Exists(file))
            throw new InvalidDataException($"no object file '{file}'; run ./dev build");
        // The symbol table stands before the code in objdump's output, so that one pass is enough.
        ProcessStartInfo start = new("objdump", ["-t", "-d", "-r", "-w", "--no-show-raw-insn", file]) { RedirectStandardOutput = true };
        start.Environment["LC_ALL"] = "C";
        using Process objdump = Process.Start(start)!;
        while (objdump.StandardOutput.ReadLine() is { } line)
            yield return line;
        objdump.WaitForExit();
        if (objdump.ExitCode != 0)
            throw new InvalidDataException($"objdump '{file}' failed with exit status {objdump.ExitCode}");
    }

    private static int CannotRun(string why)
    {
        Console.Error.WriteLine(why);
        return 2;
    }
}
