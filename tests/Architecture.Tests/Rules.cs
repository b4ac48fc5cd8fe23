using System.Text.RegularExpressions;

namespace Rundlet.Architecture.Tests;

/// <summary>The rules. Each returns its violations, one line each.</summary>
internal static partial class Rules
{
    /// <summary>How long a source file may be. Tables (<c>*.Rows.cs</c>) are as long as what they list.</summary>
    private const int MaxLines = 450;

    // Arrows only downwards. A project that is not in this table is a violation, so that nobody forgets to draw it.
    private static readonly Dictionary<string, string[]> s_arrows = new()
    {
        ["Syscalls"] = [],
        ["Init"] = ["Syscalls"],
        ["Linux"] = ["Syscalls"],
        ["Dns"] = ["Linux"],
        ["Oci"] = [],
        ["Runtime"] = ["Init", "Linux", "Oci"],
        ["Runcs"] = ["Runtime"],
        ["Supervisor"] = ["Runtime", "Dns"],
        ["Images"] = ["Linux", "Oci"],
        ["Network"] = ["Linux", "Dns"],
        ["Engine"] = ["Runtime", "Images", "Network", "Dns"],
        ["Compose"] = ["Engine"],
        ["DockerApi"] = ["Engine"],
        ["Cri"] = ["Engine"],
        ["Cli"] = ["Syscalls", "Init", "Linux", "Dns", "Oci", "Runtime", "Images", "Network", "Engine", "Compose", "DockerApi", "Cri"],
        ["Reaper"] = ["Syscalls"],
        ["Hello"] = [],
    };

    private static readonly string[] s_unsafe = ["Syscalls", "Init"];
    private static readonly string[] s_sqlite = ["Engine"];
    private static readonly string[] s_web = ["DockerApi", "Cri"];

    /// <summary>References follow the arrows.</summary>
    public static IEnumerable<string> Arrows(Repository repository)
    {
        foreach (ProjectFile project in repository.Projects.Where(project => project.IsProduct))
        {
            if (!s_arrows.TryGetValue(project.Name, out string[]? allowed))
                yield return $"{project.Path} is not in the table of arrows";
            else
            {
                foreach (string reference in project.References.Except(allowed))
                    yield return $"{project.Path} may not use {reference}";
            }
        }
    }

    /// <summary>Pointers only where the kernel wants them.</summary>
    public static IEnumerable<string> Unsafe(Repository repository) => repository.Projects
        .Where(project => project.IsProduct && project.AllowsUnsafe && !s_unsafe.Contains(project.Name))
        .Select(project => $"{project.Path} allows unsafe code");

    /// <summary>One project talks to SQLite.</summary>
    public static IEnumerable<string> Sqlite(Repository repository) =>
        Packages(repository, s_sqlite, package => package.Contains("sqlite", StringComparison.OrdinalIgnoreCase));

    /// <summary>Only the APIs are web servers.</summary>
    public static IEnumerable<string> Web(Repository repository) =>
        Packages(repository, s_web, package => package.StartsWith("Microsoft.AspNetCore") || package.StartsWith("Grpc."))
            .Concat(repository.Projects
                .Where(project => project.IsProduct && project.Sdk.EndsWith(".Web") && !s_web.Contains(project.Name))
                .Select(project => $"{project.Path} is built with {project.Sdk}"));

    /// <summary>No file is famous.</summary>
    public static IEnumerable<string> Length(Repository repository) => repository.Sources
        .Where(source => !source.Path.EndsWith(".Rows.cs"))
        .Select(source => (source.Path, Lines: source.Text.AsSpan().Count('\n')))
        .Where(source => source.Lines > MaxLines)
        .Select(source => $"{source.Path} has {source.Lines} lines, more than {MaxLines}");

    /// <summary>Native functions are declared in one project.</summary>
    public static IEnumerable<string> NativeCalls(Repository repository) => Product(repository)
        .Where(source => !source.Path.StartsWith("src/Syscalls/") && NativeAttribute().IsMatch(source.Text))
        .Select(source => $"{source.Path} declares a native function");

    /// <summary>No shell does a step; one file says which one the commands of images are for.</summary>
    public static IEnumerable<string> Shells(Repository repository) => Product(repository)
        .Where(source => source.Path != "src/Engine/Options/ImageShell.cs" && Shell().IsMatch(source.Text))
        .Select(source => $"{source.Path} names a shell: {Shell().Match(source.Text).Value}");

    private static IEnumerable<SourceFile> Product(Repository repository) => repository.Sources.Where(source => source.Path.StartsWith("src/"));

    private static IEnumerable<string> Packages(Repository repository, string[] allowed, Func<string, bool> isMeant) =>
        from project in repository.Projects
        where project.IsProduct && !allowed.Contains(project.Name)
        from package in project.Packages
        where isMeant(package)
        select $"{project.Path} may not use {package}";

    [GeneratedRegex(@"^[^/\n]*\[[^\]\n]*\b(DllImport|LibraryImport)\b", RegexOptions.Multiline)]
    private static partial Regex NativeAttribute();

    [GeneratedRegex(@"""/bin/(ba|da)?sh""|\bsh -c\b|""(ba|da)?sh"", ""-c""")]
    private static partial Regex Shell();
}
