using System.Reflection;
using System.Runtime.InteropServices;
using Rundlet.Cli.CommandLine;

namespace Rundlet.Cli.Commands;

internal sealed class VersionCommand : Command
{
    public override string Name => "version";

    public override string Usage => "";

    public override string Summary => "Print the version.";

    public override string Group => "About";

    /// <summary>The version of this build.</summary>
    public static string Version { get; } = typeof(VersionCommand).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0";

    /// <summary>What <c>--version</c> prints.</summary>
    public static int PrintShort()
    {
        Out.Line($"rundlet version {Version}");
        return 0;
    }

    public override int Run(Session session, Arguments arguments)
    {
        RefuseWords(arguments);
        Out.Text($"""
            Version:      {Version}
            Runtime spec: {Rundlet.Engine.Specs.SpecBuilder.OciVersion}
            OS/Arch:      linux/{(RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "arm64" : "amd64")}

            """);
        return 0;
    }
}
