using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Rundlet.Syscalls.Tests;

/// <summary>Asks the C compiler of this machine for the values of expressions under some headers.</summary>
internal static partial class CCompiler
{
    /// <summary>Values by expression; those that hold a name which the headers do not declare are left out.</summary>
    public static Dictionary<string, long> Evaluate(string prologue, IReadOnlyList<string> expressions)
    {
        string folder = Directory.CreateTempSubdirectory("rundlet-abi-").FullName;
        try
        {
            List<string> declared = [.. expressions];
            string source = Path.Combine(folder, "values.c");
            while (true)
            {
                File.WriteAllText(source, Program(prologue, declared));
                (int exit, string errors) = Run("gcc", ["-std=gnu11", "-w", "-fmax-errors=0", "-o", Path.Combine(folder, "values"), source]);
                if (exit == 0)
                    break;
                HashSet<int> bad = [.. ErrorLine().Matches(errors).Select(match => int.Parse(match.Groups[1].Value) - FirstLine(prologue))];
                int removed = declared.Count;
                declared = [.. declared.Where((_, index) => !bad.Contains(index))];
                Assert.True(declared.Count < removed, errors);
            }
            if (declared.Count == 0)
                return [];
            (int status, string text) = Run(Path.Combine(folder, "values"), []);
            Assert.Equal(0, status);
            long[] values = [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(long.Parse)];
            return declared.Zip(values).ToDictionary(pair => pair.First, pair => pair.Second);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    public static void SkipWithout()
    {
        if (!File.Exists("/usr/bin/gcc"))
            Assert.Skip("no C compiler (gcc)");
        if (!File.Exists("/usr/include/linux/version.h"))
            Assert.Skip("no kernel headers (linux-libc-dev)");
    }

    private static string Program(string prologue, List<string> expressions) =>
        $"#define _GNU_SOURCE\n#include <stddef.h>\n{prologue}\nlong long values[] = {{\n"
        + string.Concat(expressions.Select(expression => $"(long long)({expression}),\n"))
        + "0};\nint printf(const char *, ...);\nint main(void) { for (unsigned long i = 0; i + 1 < sizeof values / sizeof *values; i++) printf(\"%lld\\n\", values[i]); return 0; }\n";

    /// <summary>The line of the first expression, lines counted from one.</summary>
    private static int FirstLine(string prologue) => 4 + prologue.Count(letter => letter == '\n') + 1;

    private static (int Exit, string Text) Run(string program, string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output + errors.Result);
    }

    [GeneratedRegex(@"values\.c:(\d+):\d+: error:")]
    private static partial Regex ErrorLine();
}
