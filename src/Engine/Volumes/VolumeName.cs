using System.Security.Cryptography;
using Rundlet.Linux;

namespace Rundlet.Engine.Volumes;

/// <summary>Names of volumes: the rule for those that people give, and those that we make up.</summary>
public static class VolumeName
{
    private const int MaxLength = 255; // a folder has this name

    /// <summary>Refuses a name that breaks the rule: letters, digits and <c>_ . -</c>, the first a letter or a digit, at least two.</summary>
    /// <exception cref="ContainerException">InvalidArgument.</exception>
    public static void Validate(string name)
    {
        bool valid = name.Length is > 1 and <= MaxLength && char.IsAsciiLetterOrDigit(name[0]);
        foreach (char c in name)
            valid &= char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '-';
        if (!valid)
        {
            throw new ContainerException(ContainerErrorKind.InvalidArgument, $"invalid volume name '{name}'")
            {
                Hint = $"use 2 to {MaxLength} letters, digits and _ . -, a letter or digit first; a folder of the host begins with / or ./",
            };
        }
    }

    /// <summary>A name for a volume that nobody names: 64 hexadecimal digits.</summary>
    public static string MakeUp() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
}
