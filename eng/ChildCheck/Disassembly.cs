using System.Globalization;

namespace Rundlet.ChildCheck;

/// <summary>An object file as <c>objdump -t -d -r -w --no-show-raw-insn</c> prints it: its functions, by place and by name.</summary>
internal sealed class Disassembly
{
    private readonly Dictionary<(string Section, ulong Address), Function> _functions = [];
    private readonly Dictionary<string, (string Section, ulong Address)> _symbols = [];

    /// <summary>Reads the text.</summary>
    /// <exception cref="InvalidDataException">It is not x86-64 code, or has a line that is not understood.</exception>
    public static Disassembly Parse(IEnumerable<string> lines)
    {
        Disassembly result = new();
        string section = "";
        Function? function = null;
        foreach (string line in lines)
        {
            if (line.Length == 0)
                continue;
            if (line.Contains("file format ") && !line.EndsWith("elf64-x86-64"))
                throw new InvalidDataException($"only x86-64 code can be checked: {line}");
            if (line.StartsWith("Disassembly of section ") && line.EndsWith(':'))
                section = line["Disassembly of section ".Length..^1];
            else if (line.EndsWith(">:") && line.IndexOf(" <", StringComparison.Ordinal) is > 0 and var at)
                function = result.AddFunction(section, Hex(line.AsSpan(0, at)), line[(at + 2)..^2]);
            else if (section.Length == 0)
                result.AddSymbol(line);
            else if (function is not null)
                AddCode(function, line);
        }
        return result;
    }

    /// <summary>The function with a symbol, where it is defined in this file.</summary>
    public Function? Find(string symbol) => _symbols.TryGetValue(symbol, out var place) ? Find(place.Section, place.Address) : null;

    /// <summary>The function that starts at a place.</summary>
    public Function? Find(string section, ulong address) => _functions.GetValueOrDefault((section, address));

    /// <summary>Whether a symbol is defined in this file.</summary>
    public bool Defines(string symbol) => _symbols.ContainsKey(symbol);

    private Function AddFunction(string section, ulong address, string name)
    {
        Function function = new(name, section, address);
        _functions[(section, address)] = function;
        _symbols.TryAdd(name, (section, address));
        return function;
    }

    // 0000000000000a80 g     F __managedcode	000000000000010a .hidden NAME
    private void AddSymbol(string line)
    {
        int tab = line.IndexOf('\t');
        if (tab < 17 || line[16] != ' ')
            return; // a heading
        string section = line[(line.LastIndexOf(' ', tab - 1) + 1)..tab];
        if (section is not ("*UND*" or "*ABS*" or "*COM*"))
            _symbols.TryAdd(line[(line.LastIndexOf(' ') + 1)..], (section, Hex(line.AsSpan(0, 16))));
    }

    //      bb4:	lea    0x0(%rip),%rcx        # bbb <NAME+0x2f>	bb7: R_X86_64_PLT32	SYMBOL-0x4
    private static void AddCode(Function function, string line)
    {
        string[] fields = line.Split('\t');
        if (fields.Length < 2 || !fields[0].EndsWith(':'))
        {
            if (line.Trim() == "...")
                return; // zeros between functions
            throw new InvalidDataException($"'{function.Name}' has a line that is not understood: {line}");
        }
        List<string> symbols = [];
        for (int i = 3; i < fields.Length; i += 2)
            symbols.Add(WithoutAddend(fields[i]));
        function.Code.Add(Instruction.Parse(Hex(fields[0].AsSpan(0, fields[0].Length - 1).Trim()), fields[1], symbols));
    }

    private static string WithoutAddend(string relocation)
    {
        int addend = relocation.LastIndexOfAny(['+', '-']);
        return addend > 0 && relocation.AsSpan(addend + 1).StartsWith("0x") ? relocation[..addend] : relocation;
    }

    private static ulong Hex(ReadOnlySpan<char> text) =>
        ulong.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong value)
            ? value
            : throw new InvalidDataException($"not an address: {text}");
}
