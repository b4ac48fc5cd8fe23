using System.Text.Json.Serialization;
using Rundlet.Linux;
using Rundlet.Linux.Labels;

namespace Rundlet.Engine.Options;

/// <summary>What SELinux is to call a container's processes and files; null is the policy's usual word for containers.</summary>
/// <remarks>
/// What a user says with <c>--security-opt label=…</c>; where SELinux runs, <see cref="Specs.LabelChoice"/> adds the rest. A container without
/// any of these words keeps the label of the program that starts it.
/// </remarks>
public sealed record SelinuxOptions
{
    private const string DefaultUser = "system_u";
    private const string DefaultRole = "system_r";
    private const string DefaultType = "container_t";
    private const string DefaultLevel = "s0";
    private const string FileRole = "object_r";
    private const string DefaultFileType = "container_file_t";

    /// <summary>The user.</summary>
    public string? User { get; init; }

    /// <summary>The role.</summary>
    public string? Role { get; init; }

    /// <summary>The type of processes.</summary>
    public string? Type { get; init; }

    /// <summary>The level, as in <c>s0:c100,c200</c>.</summary>
    public string? Level { get; init; }

    /// <summary>The type of files.</summary>
    public string? FileType { get; init; }

    /// <summary>Whether processes keep the label of the program that starts them.</summary>
    public bool Disable { get; init; }

    /// <summary>The label of processes; null where none is set.</summary>
    [JsonIgnore]
    public string? ProcessLabel => HasWords && !Disable ? Label(Role ?? DefaultRole, Type ?? DefaultType, Level) : null;

    /// <summary>The label of files; null where none is set. Also of a container whose processes have none: others must not read its files.</summary>
    [JsonIgnore]
    public string? MountLabel => HasWords ? Label(FileRole, FileType ?? DefaultFileType, Level) : null;

    /// <summary>The label of files that containers share: without categories; null where no label is set.</summary>
    [JsonIgnore]
    public string? SharedLabel => HasWords ? Label(FileRole, FileType ?? DefaultFileType, Level is "" ? "" : DefaultLevel) : null;

    /// <summary>Whether anything is said about the label.</summary>
    [JsonIgnore]
    public bool HasWords => (User ?? Role ?? Type ?? Level ?? FileType) is not null;

    /// <summary>Adds what stands behind <c>label=</c>: <c>user:U</c>, <c>role:R</c>, <c>type:T</c>, <c>level:L</c>, <c>filetype:T</c> or <c>disable</c>.</summary>
    /// <exception cref="ContainerException">InvalidArgument, or Unsupported: this machine does not run SELinux.</exception>
    internal SelinuxOptions With(string value, string argument)
    {
        if (argument == "disable")
            return this with { Disable = true };
        if (!SecurityModules.HasSelinux)
            throw new ContainerException(ContainerErrorKind.Unsupported, $"security option '{value}': this machine does not run SELinux");
        int colon = argument.IndexOf(':');
        (string part, string word) = colon < 0 ? (argument, "") : (argument[..colon], argument[(colon + 1)..]);
        // It ends up in a label and in mount options: no word may add a field or an option.
        bool isWord = word.Length > 0 && !word.Any(c => !char.IsAsciiLetterOrDigit(c) && !(c is '_' or '-' or '.' || (part == "level" && c is ':' or ',')));
        return part switch
        {
            "user" when isWord => this with { User = word },
            "role" when isWord => this with { Role = word },
            "type" when isWord => this with { Type = word },
            "level" when isWord => this with { Level = word },
            "filetype" when isWord => this with { FileType = word },
            _ => throw new ContainerException(ContainerErrorKind.InvalidArgument, $"invalid security option '{value}'") { Hint = "write label=type:T, level:L, user:U, role:R, filetype:T or disable" },
        };
    }

    private string Label(string role, string type, string? level) => new SelinuxLabel(User ?? DefaultUser, role, type, level ?? DefaultLevel).ToString();
}
