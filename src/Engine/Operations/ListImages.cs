using Rundlet.Engine.Images;
using Rundlet.Images.References;
using Rundlet.Linux;

namespace Rundlet.Engine.Operations;

/// <summary>Lists images.</summary>
public static class ListImages
{
    /// <summary>References and, without a name, images that nothing points at; the newest first.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="filters">Conditions as <c>key=value</c>; see <see cref="ImageFilter"/>.</param>
    /// <param name="now">What spans in conditions are counted back from.</param>
    /// <exception cref="ContainerException">InvalidArgument: a condition is none; NotFound: the image that it names.</exception>
    public static List<NamedImage> Run(ContainerEngine engine, IReadOnlyList<string> filters, DateTimeOffset now)
    {
        ImageFilter filter = ImageFilter.Parse(engine.Images, filters, ImageFilter.ListKeys, now);
        return [.. engine.Images.ListBriefly().Where(filter.Matches).OrderByDescending(named => named.Image.Created)];
    }
}
