namespace Rundlet.Runcs.Commands;

/// <summary>Numbers with a decimal point, times a unit, in whole units; without the number types that do more and weigh more.</summary>
internal static class Decimals
{
    /// <summary><c>1.5</c> times 1024 is 1536; what is left of a unit is cut off. False for another text, or when it does not fit.</summary>
    public static bool TryScale(ReadOnlySpan<char> text, long unit, out long value)
    {
        value = 0;
        int point = text.IndexOf('.');
        ReadOnlySpan<char> whole = point < 0 ? text : text[..point], fraction = point < 0 ? [] : text[(point + 1)..];
        long most = long.MaxValue / unit - 1;
        foreach (char digit in whole)
        {
            if (!char.IsAsciiDigit(digit) || value > (most - 9) / 10)
                return false;
            value = value * 10 + (digit - '0');
        }
        double part = 0, place = 1;
        foreach (char digit in fraction)
        {
            if (!char.IsAsciiDigit(digit))
                return false;
            part += (digit - '0') * (place /= 10);
        }
        value = value * unit + (long)Math.Round(part * unit);
        return whole.Length + fraction.Length > 0;
    }
}
