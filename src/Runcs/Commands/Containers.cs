using Rundlet.Linux;
using Rundlet.Runcs.CommandLine;
using Rundlet.Runtime;
using Rundlet.Runtime.State;

namespace Rundlet.Runcs.Commands;

/// <summary>The containers that a command is about where <c>--regex</c> may stand for many.</summary>
internal static class Containers
{
    /// <summary>The flag.</summary>
    public static readonly Option Regex = new("regex", 'r', null, "the id is a regular expression: all containers that match");

    /// <summary>Does it for the one, or for all that match; a failure does not keep the others from it, and the first is told.</summary>
    /// <exception cref="ContainerException">The pattern is wrong, or one failed.</exception>
    public static void Each(StateStore store, Arguments arguments, string id, Action<string> action)
    {
        if (!arguments.Has("regex"))
        {
            action(id);
            return;
        }
        IdPattern pattern = new(id);
        Exception? first = null;
        foreach (string name in store.List())
        {
            if (!ContainerId.IsValid(name) || !pattern.IsIn(name))
                continue;
            try
            {
                action(name);
            }
            catch (Exception failed) when (failed is ContainerException or Syscalls.LinuxException)
            {
                first ??= failed;
            }
        }
        if (first is not null)
            throw first;
    }
}
