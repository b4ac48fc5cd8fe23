namespace Rundlet.Linux.Systemd;

/// <summary>A property of a unit, org.freedesktop.systemd1(5).</summary>
/// <param name="Name">Its name.</param>
/// <param name="Value">Its value.</param>
public readonly record struct SystemdProperty(string Name, DBusValue Value)
{
    /// <summary>The prefix of annotations that name a property.</summary>
    public const string AnnotationPrefix = "org.systemd.property.";

    /// <summary>Reads the properties out of annotations. A name in <c>Sec</c> is in seconds and becomes <c>USec</c>, microseconds.</summary>
    /// <exception cref="ContainerException">A name or a value is malformed.</exception>
    public static List<SystemdProperty> FromAnnotations(IReadOnlyDictionary<string, string>? annotations)
    {
        var properties = new List<SystemdProperty>();
        foreach ((string key, string text) in annotations ?? new Dictionary<string, string>())
        {
            if (!key.StartsWith(AnnotationPrefix, StringComparison.Ordinal))
                continue;
            string name = key[AnnotationPrefix.Length..];
            if (name.Length < 3 || name.Length > 64 || !IsAsciiLetters(name))
                throw new ContainerException(ContainerErrorKind.InvalidArgument, $"annotation '{key}': not the name of a systemd property");
            DBusValue value = VariantText.Parse(text, key);
            if (name.EndsWith("Sec", StringComparison.Ordinal) && !name.EndsWith("USec", StringComparison.Ordinal))
                (name, value) = (name[..^3] + "USec", InMicroseconds(value, key));
            properties.Add(new SystemdProperty(name, value));
        }
        return properties;
    }

    /// <summary>As an array of <c>(sv)</c>.</summary>
    internal static DBusValue ArrayOf(IReadOnlyList<SystemdProperty> properties)
    {
        var items = new DBusValue[properties.Count];
        for (int i = 0; i < items.Length; i++)
            items[i] = DBusValue.Struct(DBusValue.String(properties[i].Name), DBusValue.Variant(properties[i].Value));
        return DBusValue.Array("(sv)", items);
    }

    private static DBusValue InMicroseconds(DBusValue seconds, string key)
    {
        const double Million = 1_000_000;
        double value = seconds.Signature switch
        {
            "d" => BitConverter.UInt64BitsToDouble(seconds.Number),
            "q" or "u" or "t" => seconds.Number,
            "n" or "i" or "x" => (long)seconds.Number,
            _ => -1,
        };
        return value is >= 0 and < ulong.MaxValue / Million
            ? DBusValue.UInt64((ulong)(value * Million))
            : throw new ContainerException(ContainerErrorKind.InvalidArgument, $"annotation '{key}': not a number of seconds");
    }

    private static bool IsAsciiLetters(string text)
    {
        foreach (char c in text)
        {
            if (!char.IsAsciiLetter(c))
                return false;
        }
        return true;
    }
}
