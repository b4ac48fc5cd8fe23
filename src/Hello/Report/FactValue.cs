using System.Globalization;

namespace Rundlet.Hello.Report;

/// <summary>A value of the report: readable by people through <see cref="Display"/>, typed for JSON.</summary>
internal abstract record FactValue
{
    /// <summary>The value as a person reads it.</summary>
    public abstract string Display { get; }

    public sealed record Text(string Value) : FactValue
    {
        public override string Display => Value;
    }

    public sealed record Number(long Value, string Shown) : FactValue
    {
        public Number(long value) : this(value, value.ToString(CultureInfo.InvariantCulture)) { }

        public override string Display => Shown;
    }

    public sealed record Flag(bool Value) : FactValue
    {
        public override string Display => Value ? "yes" : "no";
    }

    public sealed record List(IReadOnlyList<string> Items, string WhenEmpty) : FactValue
    {
        public override string Display => Items.Count == 0 ? WhenEmpty : string.Join(", ", Items);
    }

    /// <summary>The fact is not there to be seen; <paramref name="Reason"/> says why. JSON has null.</summary>
    public sealed record Missing(string Reason) : FactValue
    {
        public override string Display => Reason;
    }

    /// <summary>The text, or the reason why there is none.</summary>
    public static FactValue Of(string? text, string otherwise) => string.IsNullOrEmpty(text) ? new Missing(otherwise) : new Text(text);

    /// <summary>A number of bytes, shown in binary units.</summary>
    public static FactValue Bytes(long bytes) => new Number(bytes, Units.Bytes(bytes));
}
