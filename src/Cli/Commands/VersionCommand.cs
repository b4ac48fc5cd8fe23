using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.Json;
using Rundlet.Cli.CommandLine;
using Rundlet.Cli.Output;
using Rundlet.Engine.Specs;

namespace Rundlet.Cli.Commands;

internal sealed class VersionCommand : Command
{
    public override string Name => "version";

    public override string Usage => "";

    public override string Summary => "Print the version.";

    public override string Group => "About";

    public override IReadOnlyList<Option> Options => [DocumentFormatOption];

    /// <summary>The version of this build.</summary>
    public static string Version { get; } = typeof(VersionCommand).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0";

    private static string Architecture => RuntimeInformation.ProcessArchitecture == System.Runtime.InteropServices.Architecture.Arm64 ? "arm64" : "amd64";

    /// <summary>What <c>--version</c> prints.</summary>
    public static int PrintShort()
    {
        Out.Line($"rundlet version {Version}");
        return 0;
    }

    public override int Run(Session session, Arguments arguments)
    {
        RefuseWords(arguments);
        if (arguments.Value("format") is { } format)
        {
            Out.Line(new DocumentFormat(format).Print(Json.Object(Write)));
            return 0;
        }
        Out.Text($"""
            Version:      {Version}
            Runtime spec: {SpecBuilder.OciVersion}
            OS/Arch:      linux/{Architecture}

            """);
        return 0;
    }

    // The two halves that docker has are one program here.
    private static void Write(Utf8JsonWriter json)
    {
        foreach (string half in (ReadOnlySpan<string>)["Client", "Server"])
        {
            json.WriteStartObject(half);
            json.WriteString("Version"u8, Version);
            json.WriteString("RuntimeSpec"u8, SpecBuilder.OciVersion);
            json.WriteString("Os"u8, "linux");
            json.WriteString("Arch"u8, Architecture);
            json.WriteEndObject();
        }
    }
}
