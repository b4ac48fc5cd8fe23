using Rundlet.Images.Content;
using Rundlet.Images.Files;

namespace Rundlet.Images.Diffs;

/// <summary>A blob on its way into the store as a stream for packers; after an error it takes no more, so that closing them is silent.</summary>
internal sealed class BlobStream(BlobWriter blob) : WriteOnlyStream
{
    private bool _failed;

    public override void Write(ReadOnlySpan<byte> bytes)
    {
        if (_failed)
            return;
        _failed = true;
        blob.Write(bytes);
        _failed = false;
    }
}
