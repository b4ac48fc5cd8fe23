using System.Globalization;
using Rundlet.Linux;
using Rundlet.Oci;

namespace Rundlet.Engine.Options;

/// <summary>Reads values of <c>--device-cgroup-rule</c>.</summary>
public static class DeviceRuleOption
{
    /// <summary>Reads <c>TYPE MAJOR:MINOR ACCESS</c>, as in <c>c 10:* rw</c>; it always allows.</summary>
    /// <exception cref="ContainerException">InvalidArgument.</exception>
    public static DeviceRule Parse(string text)
    {
        string[] words = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        string[] numbers = words.Length == 3 ? words[1].Split(':') : [];
        if (numbers.Length == 2 && words[0] is "a" or "b" or "c" && DeviceOption.IsAccess(words[2]) && TryNumber(numbers[0], out long? major) && TryNumber(numbers[1], out long? minor))
            return new DeviceRule { Allow = true, Type = words[0], Major = major, Minor = minor, Access = words[2] };
        throw new ContainerException(ContainerErrorKind.InvalidArgument, $"invalid device rule '{text}'") { Hint = "write TYPE MAJOR:MINOR ACCESS, as in 'c 10:* rwm'" };
    }

    private static bool TryNumber(string text, out long? number)
    {
        bool isNumber = uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out uint value);
        number = isNumber ? value : null;
        return isNumber || text == "*";
    }
}
