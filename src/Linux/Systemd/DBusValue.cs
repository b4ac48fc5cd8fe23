namespace Rundlet.Linux.Systemd;

// What belongs in this folder: as much of D-Bus as it takes to ask systemd for a scope: values, messages, one connection, and
// the calls of org.freedesktop.systemd1 that a container needs. What does not: anything of cgroup files.

/// <summary>A value as D-Bus has it: a type signature and what goes with it. Specification: "Type System".</summary>
public sealed class DBusValue
{
    private DBusValue(string signature) => Signature = signature;

    /// <summary>Its type: one complete type, such as <c>t</c> or <c>as</c>.</summary>
    public string Signature { get; }

    /// <summary>The number, of any width; a truth value as 0 or 1; the bits of a double.</summary>
    public ulong Number { get; private init; }

    /// <summary>The text of a string, object path or signature.</summary>
    public string Text { get; private init; } = "";

    /// <summary>The elements of an array, the fields of a structure.</summary>
    public IReadOnlyList<DBusValue> Items { get; private init; } = [];

    /// <summary>A number of a fixed width: one of <c>y b n q i u x t d</c>.</summary>
    public static DBusValue Fixed(char type, ulong bits) => new($"{type}") { Number = bits };

    /// <summary>A truth value.</summary>
    public static DBusValue Boolean(bool value) => Fixed('b', value ? 1u : 0);

    /// <summary>A <c>uint32</c>.</summary>
    public static DBusValue UInt32(uint value) => Fixed('u', value);

    /// <summary>A <c>uint64</c>.</summary>
    public static DBusValue UInt64(ulong value) => Fixed('t', value);

    /// <summary>A string.</summary>
    public static DBusValue String(string value) => new("s") { Text = value };

    /// <summary>A text of one of the types <c>s o g</c>.</summary>
    public static DBusValue OfText(char type, string value) => new($"{type}") { Text = value };

    /// <summary>An array of bytes.</summary>
    public static DBusValue Bytes(ReadOnlySpan<byte> value)
    {
        var items = new DBusValue[value.Length];
        for (int i = 0; i < items.Length; i++)
            items[i] = Fixed('y', value[i]);
        return Array("y", items);
    }

    /// <summary>An array whose elements are all of one type.</summary>
    public static DBusValue Array(string element, IReadOnlyList<DBusValue> items) => new("a" + element) { Items = items };

    /// <summary>A structure.</summary>
    public static DBusValue Struct(params DBusValue[] fields)
    {
        string signature = "(";
        foreach (DBusValue field in fields)
            signature += field.Signature;
        return new DBusValue(signature + ")") { Items = fields };
    }

    /// <summary>A value that carries its type along.</summary>
    public static DBusValue Variant(DBusValue value) => new("v") { Items = [value] };
}
