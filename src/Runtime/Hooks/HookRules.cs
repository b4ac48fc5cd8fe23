using Rundlet.Linux;
using Rundlet.Oci;

namespace Rundlet.Runtime;

/// <summary>What a well-formed list of hooks may still get wrong (config.md, POSIX-platform Hooks).</summary>
internal static class HookRules
{
    /// <summary>Checks all hooks.</summary>
    /// <exception cref="ContainerException"><see cref="ContainerErrorKind.InvalidArgument"/>, naming the hook.</exception>
    public static void Validate(Oci.Hooks hooks)
    {
        Validate("prestart", hooks.Prestart);
        Validate("createRuntime", hooks.CreateRuntime);
        Validate("createContainer", hooks.CreateContainer);
        Validate("startContainer", hooks.StartContainer);
        Validate("poststart", hooks.Poststart);
        Validate("poststop", hooks.Poststop);
    }

    private static void Validate(string point, List<Hook>? hooks)
    {
        for (int i = 0; i < (hooks?.Count ?? 0); i++)
        {
            Hook hook = hooks![i];
            string member = $"hooks.{point}[{i}]";
            if (hook.Path.Length == 0 || hook.Path[0] != '/')
                throw Invalid($"{member}.path must be an absolute path, not '{hook.Path}'");
            if (hook.Timeout is <= 0)
                throw Invalid($"{member}.timeout must be above 0, not {hook.Timeout}");
            foreach (string variable in hook.Env ?? [])
            {
                if (variable.IndexOf('=') <= 0)
                    throw Invalid($"{member}.env must be NAME=value, not '{variable}'");
            }
        }
    }

    private static ContainerException Invalid(string message) => new(ContainerErrorKind.InvalidArgument, message);
}
