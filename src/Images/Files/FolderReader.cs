using System.Buffers.Binary;
using Rundlet.Syscalls;

namespace Rundlet.Images.Files;

/// <summary>The names in an open folder, as bytes, by getdents64(2).</summary>
internal static class FolderReader
{
    /// <summary>File types of getdents64(2).</summary>
    public const byte TypeUnknown = 0, TypeFolder = 4;

    private const int NameOffset = 19; // struct linux_dirent64: ino 8, off 8, reclen 2, type 1, then the name

    /// <summary>A name and its type; <see cref="TypeUnknown"/> where the file system does not say.</summary>
    public readonly record struct Item(byte[] Name, byte Type);

    /// <summary>Reads what fits the buffer, without <c>.</c> and <c>..</c>; an empty list is the end.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static List<Item> ReadSome(int folder, byte[] buffer, string subject)
    {
        List<Item> items = [];
        while (items.Count == 0)
        {
            int length = (int)LinuxException.ThrowIfError(Sys.getdents64(folder, buffer), "read folder", subject);
            if (length == 0)
                break;
            for (int at = 0; at < length;)
            {
                int record = BinaryPrimitives.ReadUInt16LittleEndian(buffer.AsSpan(at + 16));
                ReadOnlySpan<byte> name = buffer.AsSpan(at + NameOffset, record - NameOffset);
                name = name[..name.IndexOf((byte)0)];
                if (!name.SequenceEqual("."u8) && !name.SequenceEqual(".."u8))
                    items.Add(new Item(name.ToArray(), buffer[at + 18]));
                at += record;
            }
        }
        return items;
    }

    /// <summary>All names of a folder that holds few.</summary>
    /// <inheritdoc cref="ReadSome" path="/exception"/>
    public static List<Item> ReadAll(int folder, string subject)
    {
        byte[] buffer = new byte[16 << 10];
        List<Item> all = [];
        while (ReadSome(folder, buffer, subject) is { Count: > 0 } some)
            all.AddRange(some);
        return all;
    }
}
