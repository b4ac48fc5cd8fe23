namespace Rundlet.Oci;

/// <summary>Writes the members of <paramref name="value"/>; the braces are the caller's.</summary>
internal delegate void JsonMembersOf<T>(JsonWriter json, T value);

/// <summary>Members that are left out when they are absent: null, or false where the specification's default is false.</summary>
internal static class JsonMembers
{
    extension(JsonWriter json)
    {
        public void Member(ReadOnlySpan<byte> name, string? value)
        {
            if (value is not null)
                json.WriteString(name, value);
        }

        public void Member(ReadOnlySpan<byte> name, long? value)
        {
            if (value is { } number)
                json.WriteNumber(name, number);
        }

        public void Member(ReadOnlySpan<byte> name, ulong? value)
        {
            if (value is { } number)
                json.WriteNumber(name, number);
        }

        public void Member(ReadOnlySpan<byte> name, bool? value)
        {
            if (value is { } flag)
                json.WriteBoolean(name, flag);
        }

        public void MemberIfTrue(ReadOnlySpan<byte> name, bool value)
        {
            if (value)
                json.WriteBoolean(name, true);
        }

        public void Member(ReadOnlySpan<byte> name, List<string>? values)
        {
            if (values is null)
                return;
            json.WriteStartArray(name);
            foreach (string value in values)
                json.WriteStringValue(value);
            json.WriteEndArray();
        }

        public void Member(ReadOnlySpan<byte> name, List<uint>? values)
        {
            if (values is null)
                return;
            json.WriteStartArray(name);
            foreach (uint value in values)
                json.WriteNumberValue(value);
            json.WriteEndArray();
        }

        public void Member(ReadOnlySpan<byte> name, Dictionary<string, string>? map)
        {
            if (map is null)
                return;
            json.WriteStartObject(name);
            foreach ((string key, string value) in map)
                json.WriteString(key, value);
            json.WriteEndObject();
        }

        public void Member<T>(ReadOnlySpan<byte> name, T? value, JsonMembersOf<T> write) where T : class
        {
            if (value is null)
                return;
            json.WriteStartObject(name);
            write(json, value);
            json.WriteEndObject();
        }

        public void Member<T>(ReadOnlySpan<byte> name, List<T>? values, JsonMembersOf<T> write) where T : class
        {
            if (values is null)
                return;
            json.WriteStartArray(name);
            foreach (T value in values)
                json.Element(value, write);
            json.WriteEndArray();
        }

        public void Member<T>(ReadOnlySpan<byte> name, Dictionary<string, T>? map, JsonMembersOf<T> write) where T : class
        {
            if (map is null)
                return;
            json.WriteStartObject(name);
            foreach ((string key, T value) in map)
            {
                json.WritePropertyName(key);
                json.Element(value, write);
            }
            json.WriteEndObject();
        }

        public void Element<T>(T value, JsonMembersOf<T> write) where T : class
        {
            json.WriteStartObject();
            write(json, value);
            json.WriteEndObject();
        }
    }
}
