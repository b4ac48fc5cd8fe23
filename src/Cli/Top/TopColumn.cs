using Rundlet.Engine.Stats;

namespace Rundlet.Cli.Top;

/// <summary>A column of the live view.</summary>
/// <param name="Heading">Its heading.</param>
/// <param name="Width">Its least width.</param>
/// <param name="Widest">The width that it may grow to where there is room.</param>
/// <param name="IsNumber">Whether it stands right, and sorts the largest first.</param>
/// <param name="Text">What it says.</param>
/// <param name="Order">The smaller first.</param>
internal sealed record TopColumn(string Heading, int Width, int Widest, bool IsNumber, Func<ContainerSample, string> Text, Comparison<ContainerSample> Order)
{
    /// <summary>A column of numbers.</summary>
    public static TopColumn Number(string heading, int width, Func<ContainerSample, double> value, Func<double, string> text) =>
        new(heading, width, width, true, sample => sample.Stats is null ? "" : text(value(sample)), (a, b) => value(a).CompareTo(value(b)));

    /// <summary>A column of words.</summary>
    public static TopColumn Words(string heading, int width, int widest, Func<ContainerSample, string> text, Comparison<ContainerSample>? order = null) =>
        new(heading, width, widest, false, text, order ?? ((a, b) => string.CompareOrdinal(text(a), text(b))));
}
