using Rundlet.Syscalls;

namespace Rundlet.Runcs;

/// <summary>What <c>--version</c> prints; callers read the lines.</summary>
internal static class VersionText
{
    /// <summary>The version of the runtime specification that this runtime keeps to.</summary>
    public const string Spec = "1.3.0";

    /// <summary>Prints it.</summary>
    public static int Print()
    {
        Output.Write($"runcs version {ProductVersion.Text}\nspec: {Spec}\ndotnet: {Environment.Version}\n");
        return 0;
    }
}
