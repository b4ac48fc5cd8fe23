using Rundlet.Images.References;

namespace Rundlet.Engine.Operations;

/// <summary>An image that is here.</summary>
/// <param name="Called">What it is called here, as a person writes it.</param>
/// <param name="Image">What is known of it.</param>
public sealed record FoundImage(string Called, NamedImage Image);
