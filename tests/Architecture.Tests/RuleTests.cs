namespace Rundlet.Architecture.Tests;

public sealed class RuleTests
{
    private static readonly Dictionary<string, Func<Repository, IEnumerable<string>>> s_rules = new()
    {
        [nameof(Rules.Arrows)] = Rules.Arrows,
        [nameof(Rules.Unsafe)] = Rules.Unsafe,
        [nameof(Rules.Sqlite)] = Rules.Sqlite,
        [nameof(Rules.Web)] = Rules.Web,
        [nameof(Rules.Length)] = Rules.Length,
        [nameof(Rules.NativeCalls)] = Rules.NativeCalls,
        [nameof(Rules.Shells)] = Rules.Shells,
    };

    public static TheoryData<string> RuleNames => [.. s_rules.Keys];

    // Rule, path, content of the planted file, what the rule says about it.
    public static TheoryData<string, string, string, string> Planted => new()
    {
        { nameof(Rules.Arrows), "src/Linux/Linux.csproj", Project(Reference("Runtime")), "src/Linux/Linux.csproj may not use Runtime" },
        { nameof(Rules.Arrows), "src/Runcs/Runcs.csproj", Project(Reference("Engine")), "src/Runcs/Runcs.csproj may not use Engine" },
        { nameof(Rules.Arrows), "src/Syscalls/Syscalls.csproj", Project(Reference("Linux")), "src/Syscalls/Syscalls.csproj may not use Linux" },
        { nameof(Rules.Arrows), "src/Engine/Engine.csproj", Project(Reference("Cli")), "src/Engine/Engine.csproj may not use Cli" },
        { nameof(Rules.Arrows), "src/Oci/Oci.csproj", Project("<ItemGroup><ProjectReference Include=\"..\\Linux\\Linux.csproj\" /></ItemGroup>"), "src/Oci/Oci.csproj may not use Linux" },
        { nameof(Rules.Arrows), "src/Novel/Novel.csproj", Project(""), "src/Novel/Novel.csproj is not in the table of arrows" },
        { nameof(Rules.Unsafe), "src/Linux/Linux.csproj", Project("<PropertyGroup><AllowUnsafeBlocks>true</AllowUnsafeBlocks></PropertyGroup>"), "src/Linux/Linux.csproj allows unsafe code" },
        { nameof(Rules.Sqlite), "src/Images/Images.csproj", Project(Package("Microsoft.Data.Sqlite.Core")), "src/Images/Images.csproj may not use Microsoft.Data.Sqlite.Core" },
        { nameof(Rules.Sqlite), "src/Cli/Cli.csproj", Project(Package("SQLitePCLRaw.core")), "src/Cli/Cli.csproj may not use SQLitePCLRaw.core" },
        { nameof(Rules.Web), "src/Engine/Engine.csproj", Project("<ItemGroup><FrameworkReference Include=\"Microsoft.AspNetCore.App\" /></ItemGroup>"), "src/Engine/Engine.csproj may not use Microsoft.AspNetCore.App" },
        { nameof(Rules.Web), "src/Engine/Engine.csproj", Project(Package("Grpc.AspNetCore")), "src/Engine/Engine.csproj may not use Grpc.AspNetCore" },
        { nameof(Rules.Web), "src/Cli/Cli.csproj", "<Project Sdk=\"Microsoft.NET.Sdk.Web\" />", "src/Cli/Cli.csproj is built with Microsoft.NET.Sdk.Web" },
        { nameof(Rules.Length), "src/Linux/Famous.cs", new string('\n', 451), "src/Linux/Famous.cs has 451 lines, more than 450" },
        { nameof(Rules.Length), "tests/Linux.Tests/Famous.cs", new string('\n', 451), "tests/Linux.Tests/Famous.cs has 451 lines, more than 450" },
        { nameof(Rules.NativeCalls), "src/Linux/Native.cs", "    [DllImport(\"libc\")]\n", "src/Linux/Native.cs declares a native function" },
        { nameof(Rules.NativeCalls), "src/Init/Native.cs", "[SuppressGCTransition, LibraryImport(\"libc\")]\n", "src/Init/Native.cs declares a native function" },
        { nameof(Rules.Shells), "src/Engine/Step.cs", "Run(\"/bin/sh\", script);\n", "src/Engine/Step.cs names a shell: \"/bin/sh\"" },
        { nameof(Rules.Shells), "src/Engine/Step.cs", "Run(\"sh\", \"-c\", script);\n", "src/Engine/Step.cs names a shell: \"sh\", \"-c\"" },
        { nameof(Rules.Shells), "src/Engine/Step.cs", "Run(\"sh -c 'ip link'\");\n", "src/Engine/Step.cs names a shell: sh -c" },
    };

    // Files that look like a violation and are none.
    public static TheoryData<string, string, string> Harmless => new()
    {
        { nameof(Rules.Arrows), "src/Engine/Engine.csproj", Project(Reference("Runtime") + Reference("Images") + Reference("Network")) },
        { nameof(Rules.Arrows), "tests/Linux.Tests/Linux.Tests.csproj", Project(Reference("Engine")) },
        { nameof(Rules.Arrows), "src/Hello/Hello.csproj", Project("<ItemGroup><ProjectReference Include=\"../../eng/PackImage/PackImage.csproj\" ReferenceOutputAssembly=\"false\" /></ItemGroup>") },
        { nameof(Rules.Unsafe), "src/Init/Init.csproj", Project("<PropertyGroup><AllowUnsafeBlocks>true</AllowUnsafeBlocks></PropertyGroup>") },
        { nameof(Rules.Sqlite), "src/Engine/Engine.csproj", Project(Package("SQLitePCLRaw.core")) },
        { nameof(Rules.Web), "src/DockerApi/DockerApi.csproj", "<Project Sdk=\"Microsoft.NET.Sdk.Web\" />" },
        { nameof(Rules.Length), "src/Linux/Fine.cs", new string('\n', 450) },
        { nameof(Rules.Length), "src/Linux/Seccomp/Table.Rows.cs", new string('\n', 2000) },
        { nameof(Rules.NativeCalls), "src/Syscalls/Native.cs", "[DllImport(\"libc\")]\n" },
        { nameof(Rules.NativeCalls), "src/Linux/Comment.cs", "// not [DllImport]: that is in Syscalls\n" },
        { nameof(Rules.Shells), "src/Runtime/DefaultSpec.cs", "Args = [\"sh\"],\n" },
        { nameof(Rules.Shells), "tests/Engine.Tests/Shell.cs", "Run(\"/bin/sh\");\n" },
        { nameof(Rules.Shells), "src/Engine/Options/ImageShell.cs", "Default = [\"/bin/sh\", \"-c\"];\n" },
    };

    [Theory]
    [MemberData(nameof(RuleNames))]
    public void The_repository_keeps_the_rule(string rule) => Assert.Empty(s_rules[rule](Repository.Read()));

    [Theory]
    [MemberData(nameof(Planted))]
    public void A_planted_violation_is_found(string rule, string path, string content, string complaint) =>
        Assert.Equal([complaint], s_rules[rule](Plant(path, content)));

    [Theory]
    [MemberData(nameof(Harmless))]
    public void What_only_looks_like_a_violation_is_left_alone(string rule, string path, string content) =>
        Assert.Empty(s_rules[rule](Plant(path, content)));

    [Fact]
    public void Every_rule_has_a_planted_violation() =>
        Assert.Equal(s_rules.Keys.Order(), Planted.Select(row => row.Data.Item1).Distinct().Order());

    [Fact]
    public void The_rules_see_the_repository()
    {
        Repository repository = Repository.Read();
        Assert.Contains(repository.Projects, project => project is { Path: "src/Syscalls/Syscalls.csproj", AllowsUnsafe: true });
        Assert.Contains(repository.Projects, project => project.Name == "Runtime" && project.References.Contains("Init"));
        Assert.Contains(repository.Sources, source => source.Path == "src/Init/Child/ContainerInit.cs");
    }

    private static Repository Plant(string path, string content) => path.EndsWith(".csproj")
        ? new Repository([ProjectFile.Parse(path, content)], [])
        : new Repository([], [new SourceFile(path, content)]);

    private static string Project(string content) => $"<Project Sdk=\"Microsoft.NET.Sdk\">{content}</Project>";

    private static string Reference(string name) => $"<ItemGroup><ProjectReference Include=\"../{name}/{name}.csproj\" /></ItemGroup>";

    private static string Package(string name) => $"<ItemGroup><PackageReference Include=\"{name}\" /></ItemGroup>";
}
