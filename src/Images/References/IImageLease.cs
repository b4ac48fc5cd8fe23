using Rundlet.Oci;

namespace Rundlet.Images.References;

/// <summary>
/// Contents that an operation needs and that no image has yet: as long as the lease lasts, nobody's removal touches them. It ends when it
/// is disposed, or with the process. Not for two threads at once.
/// </summary>
/// <remarks>
/// The order is what makes it safe: first the lease, then the look whether the content is there. A removal that came before the lease has
/// removed it by then, and one that comes after it leaves it.
/// </remarks>
public interface IImageLease : IDisposable
{
    /// <summary>Adds blobs or, by their chain ids, layers.</summary>
    void Add(IEnumerable<Digest> contents);
}
