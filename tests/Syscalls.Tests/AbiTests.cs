using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace Rundlet.Syscalls.Tests;

/// <summary>What src/Syscalls restates of C headers, against the headers of this machine.</summary>
public partial class AbiTests
{
    // What arch/arm64/include/uapi/asm/unistd.h asks of the generic list.
    private const string Arm64 = """
        #define __ARCH_WANT_RENAMEAT
        #define __ARCH_WANT_NEW_STAT
        #define __ARCH_WANT_SET_GET_RLIMIT
        #define __ARCH_WANT_TIME32_SYSCALLS
        #define __ARCH_WANT_SYS_CLONE3
        #define __ARCH_WANT_MEMFD_SECRET
        #include <asm-generic/unistd.h>
        """;

    public static TheoryData<string> ConstantClasses() =>
        [.. Restated().Where(type => type is { IsAbstract: true, IsSealed: true }).Select(type => type.Name).Order()];

    public static TheoryData<string> Structs() => [.. Restated().Where(type => type.IsValueType).Select(type => type.Name).Order()];

    [Theory]
    [MemberData(nameof(ConstantClasses))]
    public void Constants_are_those_of_the_headers(string name)
    {
        CCompiler.SkipWithout();
        Type type = Restated().Single(candidate => candidate.Name == name);
        HeaderAttribute header = type.GetCustomAttribute<HeaderAttribute>()!;
        FieldInfo[] constants = type.GetFields(BindingFlags.Public | BindingFlags.Static).Where(field => field.IsLiteral).ToArray();
        string[] names = [.. constants.Select(field => CNameOf(header, field))];
        Dictionary<string, long> values = CCompiler.Evaluate(Includes(header), names);

        var wrong = new List<string>();
        for (int i = 0; i < constants.Length; i++)
        {
            if (values.TryGetValue(names[i], out long value) && !SameBits(value, constants[i]))
                wrong.Add($"{names[i]} is {value}, not {constants[i].GetRawConstantValue()}");
        }
        Assert.Empty(wrong);
        Assert.Equal(NewerThanHeaders(names), names.Where(one => !values.ContainsKey(one)).Order());
    }

    [Theory]
    [MemberData(nameof(Structs))]
    public void Structs_have_the_sizes_and_offsets_of_the_headers(string name)
    {
        CCompiler.SkipWithout();
        Type type = Restated().Single(candidate => candidate.Name == name);
        HeaderAttribute header = type.GetCustomAttribute<HeaderAttribute>()!;
        string c = header.CName ?? $"struct {type.Name}";
        FieldInfo[] fields = type.GetFields(BindingFlags.Public | BindingFlags.Instance);
        var expected = new Dictionary<string, long>();
        if (!header.Partial)
            expected[$"sizeof({c})"] = SizeOf(type);
        foreach (FieldInfo field in fields)
        {
            string member = header.FieldPrefix + field.Name;
            expected[$"offsetof({c}, {member})"] = OffsetOf(type, field);
            expected[$"sizeof((({c} *)0)->{member})"] = SizeOf(field.FieldType);
        }
        Dictionary<string, long> actual = CCompiler.Evaluate(Includes(header), [.. expected.Keys]);
        if (NewerThanHeaders([c.Replace(' ', '_')]).Any())
            expected.Clear();
        Assert.Equal(expected.OrderBy(pair => pair.Key), actual.OrderBy(pair => pair.Key));
    }

    // Numbers are compared by themselves; the others are our words, not a header's.
    private static readonly Type[] s_own = [typeof(SYS), typeof(Signals), typeof(ProductVersion)];

    [Fact]
    public void Every_class_of_constants_and_every_struct_names_its_header()
    {
        IEnumerable<string> silent = typeof(Sys).Assembly.GetExportedTypes()
            .Where(type => type.GetCustomAttribute<HeaderAttribute>() is null && !type.IsNested && !s_own.Contains(type) && (IsConstants(type) || IsPlainStruct(type)))
            .Select(type => type.Name);
        Assert.Empty(silent);
    }

    [Fact]
    public void Errno_values_are_those_of_the_headers()
    {
        CCompiler.SkipWithout();
        Dictionary<string, long> expected = Enum.GetValues<Errno>().Where(errno => errno != Errno.None).Distinct().ToDictionary(errno => errno.ToString(), errno => (long)errno);
        Assert.Equal(expected.OrderBy(pair => pair.Key), CCompiler.Evaluate("#include <asm/errno.h>", [.. expected.Keys]).OrderBy(pair => pair.Key));
    }

    [Fact]
    public void System_call_numbers_of_x86_64_are_those_of_the_headers() => CompareNumbers("SYS.x64.cs", "#include <asm/unistd_64.h>");

    [Fact]
    public void System_call_numbers_of_arm64_are_those_of_the_headers() => CompareNumbers("SYS.arm64.cs", Arm64);

    [Fact]
    public void Both_lists_of_numbers_have_the_same_names() =>
        Assert.Equal(NumbersIn("SYS.x64.cs").Keys.Order(), NumbersIn("SYS.arm64.cs").Keys.Order());

    private static bool IsConstants(Type type) =>
        type is { IsAbstract: true, IsSealed: true } && type.GetMethods(BindingFlags.Public | BindingFlags.Static).Length == 0 && type.GetFields().Length > 0;

    private static bool IsPlainStruct(Type type) => type is { IsValueType: true, IsEnum: false } && type.GetFields(BindingFlags.Public | BindingFlags.Instance).Length > 0;

    private static void CompareNumbers(string file, string prologue)
    {
        CCompiler.SkipWithout();
        Dictionary<string, long> ours = NumbersIn(file);
        Dictionary<string, long> headers = CCompiler.Evaluate(prologue, [.. ours.Keys]);
        Assert.DoesNotContain(ours, pair => headers.TryGetValue(pair.Key, out long number) && number != pair.Value);
        Assert.Equal(NewerThanHeaders([.. ours.Keys]), ours.Keys.Where(name => !headers.ContainsKey(name)).Order());
    }

    private static Dictionary<string, long> NumbersIn(string file) =>
        NumberLine().Matches(File.ReadAllText(Path.Combine(RepositoryRoot(), "src/Syscalls/Numbers", file)))
            .ToDictionary(match => "__NR_" + match.Groups[1].Value, match => long.Parse(match.Groups[2].Value));

    /// <summary>Of some names those that the list says came with a later kernel than the installed headers are of.</summary>
    private static IEnumerable<string> NewerThanHeaders(string[] names)
    {
        string[] code = File.ReadAllLines("/usr/include/linux/version.h");
        int Part(string name) => int.Parse(code.Single(line => line.StartsWith($"#define {name} ", StringComparison.Ordinal)).Split(' ')[^1]);
        var installed = new Version(Part("LINUX_VERSION_MAJOR"), Part("LINUX_VERSION_PATCHLEVEL"));
        return File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "newer-constants.txt"))
            .Where(line => line.Length > 0 && line[0] != '#')
            .Select(line => line.Split(' '))
            .Where(words => names.Contains(words[0]) && Version.Parse(words[1]) > installed)
            .Select(words => words[0])
            .Order();
    }

    private static IEnumerable<Type> Restated() => typeof(Sys).Assembly.GetTypes().Where(type => type.GetCustomAttribute<HeaderAttribute>() is not null);

    private static string CNameOf(HeaderAttribute header, FieldInfo field) => field.GetCustomAttribute<CNameAttribute>()?.Name ?? header.Prefix + field.Name;

    private static string Includes(HeaderAttribute header) =>
        string.Join('\n', header.Header.Split(' ').Select(one => $"#include <{one}>"));

    /// <summary>The same bits, in the width of ours: C has many of these as int where we have unsigned numbers.</summary>
    private static bool SameBits(long value, FieldInfo constant)
    {
        object ours = constant.GetRawConstantValue()!;
        return ours switch
        {
            ulong wide => unchecked((ulong)value) == wide,
            long wide => value == wide,
            uint narrow => unchecked((uint)value) == narrow && value is >= int.MinValue and <= uint.MaxValue,
            int narrow => unchecked((int)value) == narrow && value is >= int.MinValue and <= uint.MaxValue,
            _ => value == Convert.ToInt64(ours),
        };
    }

    private static int SizeOf(Type type) => (int)typeof(Unsafe).GetMethod(nameof(Unsafe.SizeOf))!.MakeGenericMethod(Blittable(type)).Invoke(null, null)!;

    private static Type Blittable(Type type) => type.IsPointer ? typeof(nint) : type;

    /// <summary>Where a field is, as the JIT lays it out: the difference of two addresses.</summary>
    private static int OffsetOf(Type type, FieldInfo field)
    {
        var method = new DynamicMethod("offset", typeof(int), [], typeof(AbiTests), skipVisibility: true);
        ILGenerator il = method.GetILGenerator();
        il.DeclareLocal(type);
        il.Emit(OpCodes.Ldloca_S, 0);
        il.Emit(OpCodes.Ldflda, field);
        il.Emit(OpCodes.Conv_U);
        il.Emit(OpCodes.Ldloca_S, 0);
        il.Emit(OpCodes.Conv_U);
        il.Emit(OpCodes.Sub);
        il.Emit(OpCodes.Conv_I4);
        il.Emit(OpCodes.Ret);
        return method.CreateDelegate<Func<int>>()();
    }

    private static string RepositoryRoot()
    {
        string folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Rundlet.slnx")))
            folder = Path.GetDirectoryName(folder) ?? throw new DirectoryNotFoundException("Rundlet.slnx is in no folder above the tests");
        return folder;
    }

    [GeneratedRegex(@"public const int (\w+) = (\d+);")]
    private static partial Regex NumberLine();
}
