using Rundlet.Engine.Options;
using Rundlet.Images;
using Rundlet.Images.References;
using Rundlet.Linux;

namespace Rundlet.Engine.Images;

/// <summary>Conditions on images: <c>dangling</c>, <c>label</c>, <c>before</c>, <c>since</c>, <c>until</c>, <c>reference</c>. Those of one key are alternatives, but labels must all hold.</summary>
public sealed class ImageFilter
{
    private readonly ImageStore _store;
    private readonly List<Func<NamedImage, bool>> _conditions = [];

    private ImageFilter(ImageStore store) => _store = store;

    /// <summary>Keys for a list of images.</summary>
    public static IReadOnlyList<string> ListKeys { get; } = ["dangling", "label", "before", "since", "until", "reference"];

    /// <summary>Keys for a removal of images.</summary>
    public static IReadOnlyList<string> PruneKeys { get; } = ["dangling", "label", "until"];

    /// <summary>Reads conditions.</summary>
    /// <param name="images">The images; some conditions name one.</param>
    /// <param name="filters">What the user wrote.</param>
    /// <param name="keys">The keys that there are.</param>
    /// <param name="now">What spans are counted back from.</param>
    /// <exception cref="ContainerException">InvalidArgument: a condition is none; NotFound: the image that it names.</exception>
    public static ImageFilter Parse(ImageCatalog images, IEnumerable<string> filters, IReadOnlyList<string> keys, DateTimeOffset now)
    {
        var filter = new ImageFilter(images.Store);
        foreach (IGrouping<string, FilterOption> same in FilterOption.Parse(filters, keys).GroupBy(option => option.Key))
        {
            List<Func<NamedImage, bool>> alternatives = [.. same.Select(option => filter.ConditionOf(option, images, now))];
            filter._conditions.Add(same.Key == "label"
                ? image => alternatives.TrueForAll(condition => condition(image))
                : image => alternatives.Exists(condition => condition(image)));
        }
        return filter;
    }

    /// <summary>Whether an image is as all conditions ask.</summary>
    public bool Matches(NamedImage image) => _conditions.TrueForAll(condition => condition(image));

    private Func<NamedImage, bool> ConditionOf(FilterOption option, ImageCatalog images, DateTimeOffset now)
    {
        switch (option.Key)
        {
            case "dangling":
                bool dangling = option.Truth;
                return image => (image.Name is null) == dangling;
            case "label":
                return image => option.MatchesLabels(_store.Read(image).Config.Config?.Labels ?? []);
            case "reference":
                return image => image.Name is not null && MatchesReference(option.Value, ImageReference.Parse(image.Name)) != option.IsNegated;
            case "until":
                DateTimeOffset until = MomentOption.Parse(option.Value, now);
                return image => image.Image.Created is { } created && created < until;
            default:
                ImageRecord other = images.Find(option.Value).Image;
                return option.Key == "before" ? image => image.Image.Created < other.Created : image => image.Image.Created > other.Created;
        }
    }

    // docker's rule: the pattern is for the familiar form with the tag, or for that without.
    private static bool MatchesReference(string pattern, ImageReference reference) =>
        Glob.Matches(pattern, reference.Familiar) || Glob.Matches(pattern, reference.FamiliarName)
        || (reference.Tag is { } tag && Glob.Matches(pattern, $"{reference.FamiliarName}:{tag}"));
}
