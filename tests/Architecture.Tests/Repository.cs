using System.Xml.Linq;

namespace Rundlet.Architecture.Tests;

/// <summary>A project, as its file says.</summary>
/// <param name="Path">From the repository's root, with slashes: <c>src/Linux/Linux.csproj</c>.</param>
/// <param name="Xml">The file's content.</param>
internal sealed record ProjectFile(string Path, XElement Xml)
{
    /// <summary>The name, such as <c>Linux</c>.</summary>
    public string Name => System.IO.Path.GetFileNameWithoutExtension(Path);

    /// <summary>Whether it is part of the product.</summary>
    public bool IsProduct => Path.StartsWith("src/");

    /// <summary>Names of the projects whose code it uses.</summary>
    public IEnumerable<string> References => Xml.Descendants("ProjectReference")
        .Where(item => (string?)item.Attribute("ReferenceOutputAssembly") != "false")
        .Select(item => System.IO.Path.GetFileNameWithoutExtension(((string?)item.Attribute("Include") ?? "").Replace('\\', '/')));

    /// <summary>Names of the packages and shared frameworks that it names.</summary>
    public IEnumerable<string> Packages => Xml.Descendants()
        .Where(item => item.Name.LocalName is "PackageReference" or "FrameworkReference")
        .Select(item => (string?)item.Attribute("Include") ?? "");

    /// <summary>The SDK it is built with.</summary>
    public string Sdk => (string?)Xml.Attribute("Sdk") ?? "";

    /// <summary>Whether it may use pointers.</summary>
    public bool AllowsUnsafe => Xml.Descendants("AllowUnsafeBlocks").Any(property => property.Value.Trim() != "false");

    /// <summary>A project from text, for planted ones.</summary>
    public static ProjectFile Parse(string path, string xml) => new(path, XElement.Parse(xml));
}

/// <summary>A file of C#.</summary>
/// <param name="Path">From the repository's root, with slashes.</param>
/// <param name="Text">Its content.</param>
internal sealed record SourceFile(string Path, string Text);

/// <summary>What the rules look at.</summary>
/// <param name="Projects">All projects.</param>
/// <param name="Sources">All C# files of src, tests and eng.</param>
internal sealed record Repository(IReadOnlyList<ProjectFile> Projects, IReadOnlyList<SourceFile> Sources)
{
    private static readonly string[] s_folders = ["src", "tests", "eng"];

    /// <summary>The checkout that this test was built from.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>Reads this checkout.</summary>
    public static Repository Read() => new(
        [.. Files("*.csproj").Select(path => new ProjectFile(path, XElement.Load(System.IO.Path.Combine(Root, path))))],
        [.. Files("*.cs").Select(path => new SourceFile(path, File.ReadAllText(System.IO.Path.Combine(Root, path))))]);

    private static IEnumerable<string> Files(string pattern) => s_folders
        .SelectMany(folder => Directory.EnumerateFiles(System.IO.Path.Combine(Root, folder), pattern, SearchOption.AllDirectories))
        .Select(path => System.IO.Path.GetRelativePath(Root, path))
        .Order(StringComparer.Ordinal);

    private static string FindRoot()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(System.IO.Path.Combine(folder, "Rundlet.slnx")))
            folder = System.IO.Path.GetDirectoryName(folder);
        return folder ?? throw new InvalidOperationException($"no Rundlet.slnx above '{AppContext.BaseDirectory}'");
    }
}
