using System.Collections;
using System.Reflection;
using System.Text;

namespace Rundlet.Oci.Tests;

/// <summary>
/// Random instances and comparison of model types, by reflection: a member added to the model is covered at once, and one
/// forgotten in a codec is found.
/// </summary>
internal static class Model
{
    private static readonly NullabilityInfoContext Nullability = new();

    public static T Random<T>(Random random) => (T)Value(typeof(T), random);

    /// <summary>Null when equal, else where and how the two differ.</summary>
    public static string? Difference(object? left, object? right, string path = "")
    {
        if (left is null || right is null)
            return left is null && right is null ? null : $"{path}: {left ?? "absent"} against {right ?? "absent"}";
        if (left.GetType() != right.GetType())
            return $"{path}: {left.GetType()} against {right.GetType()}";
        if (left is string || left.GetType().IsValueType)
            return left.Equals(right) ? null : $"{path}: {left} against {right}";
        if (left is IDictionary map)
            return DifferentEntry(map, (IDictionary)right, path);
        if (left is IList list)
            return DifferentElement(list, (IList)right, path);
        return left.GetType().GetProperties()
            .Select(p => Difference(p.GetValue(left), p.GetValue(right), $"{path}.{p.Name}"))
            .FirstOrDefault(difference => difference is not null);
    }

    /// <summary>Members that are null or hold nothing anywhere below <paramref name="value"/>, by type and name.</summary>
    public static HashSet<string> Absent(object value)
    {
        var present = new HashSet<string>();
        var known = new HashSet<string>();
        Visit(value, present, known);
        known.ExceptWith(present);
        return known;
    }

    private static void Visit(object? value, HashSet<string> present, HashSet<string> known)
    {
        if (value is null or string || value.GetType().IsValueType)
            return;
        if (value is IDictionary map)
            value = map.Values;
        if (value is IEnumerable many)
        {
            foreach (object? element in many)
                Visit(element, present, known);
            return;
        }
        foreach (PropertyInfo property in value.GetType().GetProperties())
        {
            known.Add($"{value.GetType().Name}.{property.Name}");
            object? member = property.GetValue(value);
            if (member is not null and not false)
                present.Add($"{value.GetType().Name}.{property.Name}");
            Visit(member, present, known);
        }
    }

    private static string? DifferentEntry(IDictionary left, IDictionary right, string path)
    {
        if (left.Count != right.Count)
            return $"{path}: {left.Count} entries against {right.Count}";
        foreach (DictionaryEntry entry in left)
        {
            if (!right.Contains(entry.Key))
                return $"{path}[{entry.Key}]: only on one side";
            if (Difference(entry.Value, right[entry.Key], $"{path}[{entry.Key}]") is { } difference)
                return difference;
        }
        return null;
    }

    private static string? DifferentElement(IList left, IList right, string path)
    {
        if (left.Count != right.Count)
            return $"{path}: {left.Count} elements against {right.Count}";
        for (int i = 0; i < left.Count; i++)
            if (Difference(left[i], right[i], $"{path}[{i}]") is { } difference)
                return difference;
        return null;
    }

    private static object Value(Type type, Random random)
    {
        if (type == typeof(string))
            return Text(random);
        if (type == typeof(bool))
            return random.Next(2) == 1;
        if (type.IsPrimitive)
            return Number(type, random);
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(List<>))
            return List(type, random);
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(Dictionary<,>))
            return Map(type, random);

        object instance = Activator.CreateInstance(type)!;
        foreach (PropertyInfo property in type.GetProperties())
        {
            bool optional = Nullability.Create(property).WriteState == NullabilityState.Nullable;
            if (!optional || random.Next(3) != 0)
                property.SetValue(instance, Value(Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType, random));
        }
        return instance;
    }

    private static IList List(Type type, Random random)
    {
        var list = (IList)Activator.CreateInstance(type)!;
        for (int i = random.Next(4); i > 0; i--)
            list.Add(Value(type.GenericTypeArguments[0], random));
        return list;
    }

    private static IDictionary Map(Type type, Random random)
    {
        var map = (IDictionary)Activator.CreateInstance(type)!;
        for (int i = random.Next(4); i > 0; i--)
            map[Text(random)] = Value(type.GenericTypeArguments[1], random);
        return map;
    }

    /// <summary>Often an end of the type's range, where a codec with the wrong width breaks.</summary>
    private static object Number(Type type, Random random)
    {
        object least = type.GetField("MinValue")!.GetValue(null)!;
        object most = type.GetField("MaxValue")!.GetValue(null)!;
        return random.Next(4) switch
        {
            0 => least,
            1 => most,
            _ => Convert.ChangeType(random.Next(0, 128), type, null),
        };
    }

    private static string Text(Random random)
    {
        var text = new StringBuilder();
        for (int i = random.Next(12); i > 0; i--)
            text.Append(random.Next(8) switch
            {
                0 => new Rune(random.Next(1, 0x20)),
                1 => new Rune(random.Next(0xA0, 0xD800)),
                2 => new Rune(random.Next(0x10000, 0x110000)),
                3 => new Rune("\"\\/'<+&\u007f"[random.Next(8)]),
                _ => new Rune(random.Next('a', 'z' + 1)),
            });
        return text.ToString();
    }
}
