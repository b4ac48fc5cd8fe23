using Rundlet.Linux;

namespace Rundlet.Runtime;

// What belongs in this project: the OCI runtime as a library, one container operation a file under Operations/, the
// translation of a spec into an init plan under Planning/, and the state folder under State/. What does not: command
// lines, output, images, networks.

/// <summary>The rule for ids of containers: letters, digits and <c>_ + - .</c>, as runc has it.</summary>
public static class ContainerId
{
    /// <summary>The longest id: the id is a folder's name.</summary>
    public const int MaxLength = 255;

    /// <summary>Throws for an id that breaks the rule.</summary>
    /// <exception cref="ContainerException"><see cref="ContainerErrorKind.InvalidArgument"/>.</exception>
    public static void Validate(string id)
    {
        if (!IsValid(id))
            throw new ContainerException(ContainerErrorKind.InvalidArgument, $"invalid container ID format: '{id}'") { Hint = "use letters, digits and _ + - ." };
    }

    /// <summary>Whether an id keeps to the rule.</summary>
    public static bool IsValid(string id)
    {
        bool valid = id.Length is > 0 and <= MaxLength && id is not "." and not "..";
        foreach (char c in id)
            valid &= char.IsAsciiLetterOrDigit(c) || c is '_' or '+' or '-' or '.';
        return valid;
    }
}
