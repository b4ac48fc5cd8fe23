namespace Rundlet.Cli.Metrics;

/// <summary>A family of samples about containers.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its type.</param>
/// <param name="Help">What it says, in a sentence.</param>
/// <param name="Points">Its values for one container; none where nothing is known.</param>
internal sealed record ContainerMetric(string Name, MetricType Type, string Help, Func<ContainerReading, IEnumerable<MetricPoint>> Points)
{
    /// <summary>Writes the family; nothing where no container has a value.</summary>
    public void Write(MetricsText text, IEnumerable<ContainerReading> containers)
    {
        bool begun = false;
        foreach (ContainerReading container in containers)
        {
            foreach (MetricPoint point in Points(container))
            {
                if (!begun)
                    text.Family(Name, Type, Help);
                begun = true;
                text.Sample(point.Label is null ? container.Labels : container.Labels.With(point.Label, point.LabelValue), point.Value);
            }
        }
    }
}
