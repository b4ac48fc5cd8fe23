using System.Collections;
using System.Globalization;
using System.Text;

namespace Rundlet.Hello;

/// <summary>The small commands. They write to the descriptors themselves: <see cref="Console.Out"/> would set up a terminal first.</summary>
internal static class Applets
{
    private const int UsageError = 2;

    public const string Usage =
        """
        hello                  report the isolation this container sees
        hello http PORT        serve the report: a page at /, JSON at /json
        hello true | false     exit 0 or 1
        hello exit N           exit N, from 0 to 255
        hello echo WORDS...    print the words
        hello env              print the environment
        hello sleep SECONDS    wait that long, or forever for 'infinity'

        """;

    public static int Print(string text)
    {
        using Stream output = Console.OpenStandardOutput();
        output.Write(Encoding.UTF8.GetBytes(text));
        return 0;
    }

    public static int Fail(string message)
    {
        using Stream output = Console.OpenStandardError();
        output.Write(Encoding.UTF8.GetBytes($"hello: {message}\n"));
        return UsageError;
    }

    public static int Echo(string[] words) => Print(string.Join(' ', words) + "\n");

    public static int Env()
    {
        var text = new StringBuilder();
        foreach (DictionaryEntry variable in Environment.GetEnvironmentVariables())
            text.Append(variable.Key).Append('=').Append(variable.Value).Append('\n');
        return Print(text.ToString());
    }

    public static int Exit(string[] args) =>
        args.Length == 1 && byte.TryParse(args[0], CultureInfo.InvariantCulture, out byte code) ? code : Fail("exit wants a number from 0 to 255");

    public static int Sleep(string[] args)
    {
        if (args is not [var text] || !TryParseDuration(text, out TimeSpan duration))
            return Fail("sleep wants a number of seconds, or 'infinity'");
        Thread.Sleep(duration);
        return 0;
    }

    /// <summary>Seconds, with or without a fraction, up to 24 days; 'infinity' has no end.</summary>
    public static bool TryParseDuration(string text, out TimeSpan duration)
    {
        duration = Timeout.InfiniteTimeSpan;
        if (text == "infinity")
            return true;
        bool valid = double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double seconds)
            && seconds <= int.MaxValue / 1000;
        if (valid)
            duration = TimeSpan.FromSeconds(seconds);
        return valid;
    }
}
