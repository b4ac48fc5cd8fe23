using System.Net;
using Rundlet.Linux;

namespace Rundlet.Images.Registry.Http;

/// <summary>A part of a stream that is sent, as often as a request is made.</summary>
/// <param name="source">The stream; stays the caller's.</param>
/// <param name="begin">Where the part begins, in bytes.</param>
/// <param name="length">How long it is, in bytes.</param>
/// <param name="progress">Is told up to where the stream was sent.</param>
internal sealed class UploadContent(Stream source, long begin, long length, Action<long>? progress) : HttpContent
{
    private const int BufferSize = 128 << 10;

    protected override void SerializeToStream(Stream stream, TransportContext? context, CancellationToken cancel)
    {
        source.Position = begin;
        byte[] buffer = new byte[Math.Min(BufferSize, Math.Max(length, 1))];
        for (long sent = 0; sent < length;)
        {
            cancel.ThrowIfCancellationRequested();
            int got = source.Read(buffer.AsSpan(0, (int)Math.Min(buffer.Length, length - sent)));
            if (got == 0)
                throw new ContainerException(ContainerErrorKind.Internal, $"what is to be sent ended at byte {begin + sent}");
            stream.Write(buffer.AsSpan(0, got));
            sent += got;
            progress?.Invoke(begin + sent);
        }
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => throw new NotSupportedException("requests are sent by threads that block");

    protected override bool TryComputeLength(out long computed)
    {
        computed = length;
        return true;
    }
}
