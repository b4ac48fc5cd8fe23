using System.Security.Cryptography;
using Rundlet.Linux;

namespace Rundlet.Engine.Networks;

/// <summary>Names and ids of networks.</summary>
public static class NetworkName
{
    private const int MaxLength = 128;

    /// <summary>Refuses a name that breaks the rule: letters, digits and <c>_ . -</c>, the first a letter or a digit; and those that are taken by modes.</summary>
    /// <exception cref="ContainerException">InvalidArgument, or Conflict for a built-in one.</exception>
    public static void Validate(string name)
    {
        if (BuiltInNetworks.IdOf(name) is not null)
            throw new ContainerException(ContainerErrorKind.Conflict, $"network '{name}' is built in") { Hint = "choose another name" };
        bool valid = name.Length is > 0 and <= MaxLength && char.IsAsciiLetterOrDigit(name[0]) && name != "container";
        foreach (char c in name)
            valid &= char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '-';
        if (!valid)
            throw new ContainerException(ContainerErrorKind.InvalidArgument, $"invalid network name '{name}'") { Hint = $"use 1 to {MaxLength} letters, digits and _ . -, a letter or digit first" };
    }

    /// <summary>A new id: 64 hexadecimal digits.</summary>
    public static string NewId() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
}
