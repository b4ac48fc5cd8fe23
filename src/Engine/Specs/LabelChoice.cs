using System.Security.Cryptography;
using Rundlet.Engine.Options;
using Rundlet.Linux;
using Rundlet.Linux.Labels;

namespace Rundlet.Engine.Specs;

/// <summary>What SELinux is to call a container, as docker and podman choose it.</summary>
internal static class LabelChoice
{
    private const int Categories = 1024; // c0 to c1023, as every policy of Linux distributions has them
    private const int ReservedCategory = Categories - 2;

    /// <summary>
    /// The categories of what runs without a label: no container of its own categories can read its files. They are never chosen for another one.
    /// </summary>
    public const string UnlabelledLevel = "s0:c1022,c1023";

    /// <summary>
    /// The whole label. What the user says wins; then who shares another's processes or IPC has its label, and who shares the host's, or is
    /// privileged, has none. The level stays null where categories are to be chosen; see <see cref="WithCategories"/>.
    /// </summary>
    /// <param name="options">The container's options.</param>
    /// <param name="contexts">The policy's words for containers; null where it has none.</param>
    /// <param name="joined">The process labels of the containers whose ipc and pid namespaces are shared; null for one without.</param>
    /// <exception cref="ContainerException">InvalidArgument: two containers' namespaces are to be shared whose labels differ.</exception>
    public static SelinuxOptions For(ContainerOptions options, SelinuxContexts? contexts, IReadOnlyList<string?> joined)
    {
        SelinuxOptions asked = options.Security.Selinux;
        if (asked.Disable)
            return Without(contexts);
        if (!asked.HasWords)
        {
            if (contexts is null)
                return asked;
            if (options.Security.Privileged || options.Namespaces.Ipc == "host" || options.Namespaces.Pid == "host")
                return Without(contexts);
            if (joined.Count > 0)
                return LikeOthers(contexts, joined);
        }
        return contexts is null ? asked : asked with
        {
            User = asked.User ?? contexts.Process.User,
            Role = asked.Role ?? contexts.Process.Role,
            Type = asked.Type ?? contexts.Process.Type,
            FileType = asked.FileType ?? contexts.File.Type,
            Level = asked.Level ?? (contexts.Process.Level.Length == 0 ? "" : null),
        };
    }

    /// <summary>The same with two categories of its own where it has none yet, drawn by lot: whether others have them is for the caller to see.</summary>
    public static SelinuxOptions WithCategories(SelinuxOptions options)
    {
        if (options.Disable || !options.HasWords || options.Level is not null)
            return options;
        int first = RandomNumberGenerator.GetInt32(ReservedCategory), second = RandomNumberGenerator.GetInt32(ReservedCategory - 1);
        if (second >= first)
            second++;
        return options with { Level = $"s0:c{Math.Min(first, second)},c{Math.Max(first, second)}" };
    }

    private static SelinuxOptions Without(SelinuxContexts? contexts) => contexts is null
        ? new SelinuxOptions { Disable = true }
        : new SelinuxOptions { Disable = true, User = contexts.File.User, FileType = contexts.File.Type, Level = contexts.File.Level.Length == 0 ? "" : UnlabelledLevel };

    private static SelinuxOptions LikeOthers(SelinuxContexts contexts, IReadOnlyList<string?> joined)
    {
        if (joined.Distinct().Count() > 1)
        {
            throw new ContainerException(ContainerErrorKind.InvalidArgument, $"--ipc and --pid share namespaces of containers whose SELinux labels differ: '{joined[0] ?? "none"}' and '{joined[1] ?? "none"}'")
            {
                Hint = "say one: --security-opt label=level:LEVEL, or label=disable",
            };
        }
        return joined[0] is { } text && SelinuxLabel.TryParse(text) is { } label
            ? new SelinuxOptions { User = label.User, Role = label.Role, Type = label.Type, Level = label.Level, FileType = contexts.File.Type }
            : Without(contexts);
    }
}
