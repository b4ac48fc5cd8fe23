using System.IO.Compression;
using Rundlet.Images.Tests.Tar;
using Rundlet.Images.Unpack;
using static Rundlet.Images.Tests.Hostile.HostileLayer;

namespace Rundlet.Images.Tests.Hostile;

/// <summary>What is wrong with the packing around an archive, or with its end.</summary>
internal static partial class LayerCorpus
{
    private static RawTar Plain => RawTar.New.File("a", "first").File("b", "second");

    private static RawTar Noise => RawTar.New.Entry('0', "noise", content: RandomBytes(100_000)).File("z", "last");

    private static IEnumerable<HostileLayer> Packing =>
    [
        Packed("gzip in members", [.. Gzip(Plain.Ended[..700]), .. Gzip(Plain.Ended[700..])], "a = first", "b = second"),
        Packed("gzip in 20,000 empty members", [.. Enumerable.Repeat(Gzip([]), 20_000).SelectMany(m => m), .. Gzip(Plain.Ended)], "a = first", "b = second"),
        Packed("gzip with the footer of eStargz", [.. Gzip(Plain.Ended), .. StargzFooter], "a = first", "b = second"),
        Packed("zstd in frames and skipped frames", [.. SkippableFrame(500), .. Zstd(Plain.Ended[..700]), .. SkippableFrame(0), .. Zstd(Plain.Ended[700..]), .. SkippableFrame(64)], "a = first", "b = second"),
        Packed("gzip with rubbish behind it", [.. Gzip(Plain.Ended), .. "rubbish"u8], refusal: "gzip data is damaged or cut off"),
        Packed("gzip with a broken member behind it", [.. Gzip(Plain.Ended), 0x1f, 0x8b, 8], refusal: "gzip data is damaged or cut off"),
        Packed("zstd with rubbish behind it", [.. Zstd(Plain.Ended), .. "rubbish"u8], refusal: "zstd data is damaged or cut off"),
        Packed("gzip inside gzip is not a tar", Gzip(Gzip(Plain.Ended)), refusal: "tar header at byte 0"),
        Packed("gzip cut off", Gzip(Noise.Ended)[..^5000], refusal: "gzip data is damaged or cut off"),
        Packed("gzip without its trailer", Gzip(Noise.Ended)[..^8], refusal: "gzip data is damaged or cut off"),
        Packed("gzip with half a trailer", Gzip(Noise.Ended)[..^4], refusal: "gzip data is damaged or cut off"),
        Packed("gzip with a wrong checksum", Flip(Gzip(Noise.Ended), ^6), refusal: "gzip data is damaged or cut off"),
        Packed("gzip with a wrong length", Flip(Gzip(Noise.Ended), ^2), refusal: "gzip data is damaged or cut off"),
        Packed("gzip with a byte changed", Flip(Gzip(Noise.Ended), 5000), refusal: ""),
        Packed("only the beginning of gzip", [0x1f, 0x8b], refusal: "gzip data is damaged or cut off"),
        Packed("gzip of an unknown method", Flip(Gzip(Plain.Ended), 2), refusal: "gzip data is damaged or cut off"),
        Packed("zstd cut off", Zstd(Noise.Ended)[..^5000], refusal: "zstd data is damaged or cut off"),
        Packed("zstd without its checksum", Zstd(Noise.Ended)[..^4], refusal: "zstd data is damaged or cut off"),
        Packed("zstd with a wrong checksum", Flip(Zstd(Noise.Ended), ^2), refusal: "zstd data is damaged or cut off"),
        Packed("zstd with a byte changed", Flip(Zstd(Noise.Ended), 5000), refusal: ""),
        Packed("zstd that needs a dictionary", [0x28, 0xb5, 0x2f, 0xfd, 0x01, 0x58, 0x07, 0x01, 0x00, 0x00], refusal: "zstd data is damaged or cut off"),
        Packed("zstd with a window of 256 MiB", [0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x90, 0x01, 0x00, 0x00], refusal: "zstd data is damaged or cut off"),
        Packed("zstd with a window of 3.75 TiB", [0x28, 0xb5, 0x2f, 0xfd, 0x00, 0xff, 0x01, 0x00, 0x00], refusal: "zstd data is damaged or cut off"),
        Packed("zstd of one segment of 2^63 bytes", [0x28, 0xb5, 0x2f, 0xfd, 0xe0, 0, 0, 0, 0, 0, 0, 0, 0x80, 0x01, 0x00, 0x00], refusal: "zstd data is damaged or cut off"),
        Packed("skipped frame without an end", [0x50, 0x2a, 0x4d, 0x18, 0xff, 0xff, 0xff, 0xff, 0x00], refusal: "zstd data is damaged or cut off"),
        Packed("xz", [0xfd, .. "7zXZ"u8, 0, 0, 0], refusal: "packed with xz"),
        Packed("not an archive", RawTar.Bytes(new string('x', 2048)), refusal: "not a tar header"),
        Packed("ends within a header", Plain.Unended[..300], refusal: "ends within a header"),
        Packed("ends within an entry", RawTar.New.File("a", new string('x', 5000)).Unended[..1024], refusal: "ends within an entry"),
        Packed("ends behind an extended header", RawTar.New.Pax(("path", "a")).Unended, refusal: "between an extended header and its entry"),
        Packed("no end at all", Plain.Unended, "a = first", "b = second"),
        Packed("a second archive behind the end", [.. Plain.Ended, .. RawTar.New.File("../canary", "evil").Ended], "a = first", "b = second"),
        Packed("rubbish behind the end", [.. Plain.Ended, .. RandomBytes(3000)], "a = first", "b = second"),
        Packed("empty file", [], tree: []),
        Bomb("gzip bomb", zeroes => Gzip(zeroes)),
        Bomb("zstd bomb", zeroes => Zstd(zeroes)),
        new HostileLayer("gzip bomb behind the end", _ => Gzip([.. Plain.Ended, .. new byte[64 << 20]]))
        {
            Refusal = "unpacks to more than 8388608 bytes",
            Limits = new UnpackLimits { MaxBytes = 8 << 20 },
        },
    ];

    private static HostileLayer Packed(string name, byte[] bytes, params string[] tree) => new(name, _ => bytes) { Tree = tree };

    private static HostileLayer Packed(string name, byte[] bytes, string refusal) => new(name, _ => bytes) { Refusal = refusal };

    private static HostileLayer Bomb(string name, Func<byte[], byte[]> pack) =>
        new(name, _ => pack([.. RawTar.New.Entry('0', "zeroes", size: RawTar.Octal(8 << 20, 11)).Unended, .. new byte[64 << 20]]))
        {
            Refusal = "unpacks to more than 8388608 bytes",
            Limits = new UnpackLimits { MaxBytes = 8 << 20 },
            Disk = 9 << 20,
        };

    private static byte[] Gzip(byte[] bytes)
    {
        var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(bytes);
            gzip.Flush(); // a header and a trailer also around nothing
        }
        return packed.Length > 0 ? packed.ToArray() : [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    }

    private static byte[] Zstd(byte[] bytes)
    {
        var packed = new MemoryStream();
        using (var zstd = new ZstdSharp.CompressionStream(packed, 1, leaveOpen: true))
        {
            zstd.SetParameter(ZstdSharp.Unsafe.ZSTD_cParameter.ZSTD_c_checksumFlag, 1);
            zstd.Write(bytes);
        }
        return packed.ToArray();
    }

    /// <summary>An empty member with a field of its own in the header.</summary>
    private static byte[] StargzFooter =>
        [0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0, 0xff, 26, 0, .. "SG"u8, 22, 0, .. "0000000000000400STARGZ"u8, 1, 0, 0, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 0];

    private static byte[] SkippableFrame(int length) => [0x5a, 0x2a, 0x4d, 0x18, .. BitConverter.GetBytes(length), .. new byte[length]];

    private static byte[] Flip(byte[] bytes, Index at)
    {
        bytes[at] ^= 0x55;
        return bytes;
    }

    private static byte[] RandomBytes(int length)
    {
        byte[] bytes = new byte[length];
        new Random(7).NextBytes(bytes);
        return bytes;
    }
}
