using System.Collections;
using System.Globalization;
using System.Reflection;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Rundlet.Engine.Options;
using Rundlet.Oci;

namespace Rundlet.Engine.Tests;

/// <summary>What is written of a container's options is read again, every member of it.</summary>
public sealed class OptionsReaderTests
{
    private static int s_numbers = 1;

    [Fact]
    public void Every_member_is_read_again()
    {
        var options = (ContainerOptions)Filled(typeof(ContainerOptions));
        string written = OptionsJson.Write(options);
        Assert.Equal(written, OptionsJson.Write(OptionsReader.Read(Encoding.UTF8.GetBytes(written))));
        // Had a value been left out when it was filled in, its absence after the reading would not be seen.
        using JsonDocument document = JsonDocument.Parse(written);
        AssertFull(typeof(ContainerOptions), document.RootElement, "");
    }

    [Fact]
    public void Options_with_nothing_in_them_are_read_again()
    {
        string written = OptionsJson.Write(new ContainerOptions { Image = "debian" });
        ContainerOptions read = OptionsReader.Read(Encoding.UTF8.GetBytes(written));
        Assert.Equal(written, OptionsJson.Write(read));
        Assert.Equal(10, read.StopTimeout);
        Assert.Null(read.Entrypoint);
    }

    [Fact]
    public void A_document_of_an_older_version_has_the_defaults()
    {
        ContainerOptions read = OptionsReader.Read("""{"image":"a","command":["b"],"mounts":[{"kind":"Tmpfs","source":"","destination":"/t","options":["ro"]}],"later":{}}"""u8);
        Assert.Equal("bridge", read.Network);
        Assert.Equal(MountKind.Tmpfs, Assert.Single(read.Mounts).Kind);
        Assert.Empty(read.Labels);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{\"image\":5}")]
    [InlineData("{\"image\":\"a\",\"image\":\"b\"}")]
    [InlineData("{\"image\":\"a\",\"mounts\":[{\"kind\":\"floppy\"}]}")]
    public void A_damaged_document_is_refused(string document) =>
        Assert.Throws<SpecFormatException>(() => OptionsReader.Read(Encoding.UTF8.GetBytes(document)));

    private static object Filled(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type == typeof(string))
            return $"text {s_numbers++}";
        if (type == typeof(bool))
            return true;
        if (type.IsEnum)
            return Enum.GetValues(type).GetValue(1)!;
        if (type.IsPrimitive)
            return Convert.ChangeType(s_numbers++, type, CultureInfo.InvariantCulture);
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>))
        {
            Type element = type.GetGenericArguments()[0];
            var list = (IList)Activator.CreateInstance(typeof(List<>).MakeGenericType(element))!;
            list.Add(Filled(element));
            list.Add(Filled(element));
            return list;
        }
        if (type == typeof(IReadOnlyDictionary<string, string>))
            return new Dictionary<string, string> { [$"key {s_numbers++}"] = $"value {s_numbers++}" };

        ConstructorInfo constructor = type.GetConstructors().OrderByDescending(static one => one.GetParameters().Length)
            .First(one => one.GetParameters() is not [var only] || only.ParameterType != type);
        object made = constructor.Invoke([.. constructor.GetParameters().Select(static parameter => Filled(parameter.ParameterType))]);
        foreach (PropertyInfo property in Written(type))
            property.SetValue(made, Filled(property.PropertyType));
        return made;
    }

    private static IEnumerable<PropertyInfo> Written(Type type) => type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
        .Where(static property => property.CanWrite && property.GetCustomAttribute<JsonIgnoreAttribute>() is null);

    private static void AssertFull(Type type, JsonElement element, string path)
    {
        foreach (PropertyInfo property in Written(type))
        {
            string name = JsonNamingPolicy.CamelCase.ConvertName(property.Name);
            Assert.True(element.TryGetProperty(name, out JsonElement value), $"'{path}{name}' was not written");
            if (value.ValueKind == JsonValueKind.Object && property.PropertyType.Namespace == type.Namespace)
                AssertFull(property.PropertyType, value, $"{path}{name}.");
        }
    }
}
