using System.Runtime.InteropServices;

namespace Rundlet.Syscalls;

/// <summary>Memory of this process that is not the garbage collector's.</summary>
public static unsafe class OwnMemory
{
    private const nuint AtPhdr = 3, AtPhnum = 5; // elf.h
    private const uint PtLoad = 1, PtPhdr = 6;
    private const int PageShift = 12;
    private const ulong OfFile = 1UL << 61; // pagemap(5): what nobody has written to

    /// <summary>
    /// Gives back what is not in use: free blocks of the C library's heap, and those pages of the program itself that are its file's. They
    /// come back one by one when they are needed again, and most of them are not: what starts something is a good deal more than what
    /// waits for its end. What was written to stays.
    /// </summary>
    public static void GiveBack()
    {
        _ = malloc_trim(0); // ignored: whether there was anything
        int pagemap = Sys.openat(Sys.AT_FDCWD, "/proc/self/pagemap"u8, O.RDONLY | O.CLOEXEC);
        if (pagemap < 0)
            return; // no procfs: then it stays
        ProgramHeader* headers = (ProgramHeader*)getauxval(AtPhdr);
        int count = (int)getauxval(AtPhnum);
        ulong moved = 0; // of a position-independent program
        for (int i = 0; i < count; i++)
        {
            if (headers[i].Type == PtPhdr)
                moved = (ulong)headers - headers[i].Address;
        }
        for (int i = 0; i < count; i++)
        {
            if (headers[i].Type == PtLoad)
                GiveBack(pagemap, moved + headers[i].Address, moved + headers[i].Address + headers[i].FileSize);
        }
        _ = Sys.close(pagemap); // ignored: the fd is gone whatever close(2) answers
    }

    private static void GiveBack(int pagemap, ulong start, ulong end)
    {
        const int AtOnce = 512;
        Span<ulong> pages = stackalloc ulong[AtOnce];
        ulong last = (end - 1) >> PageShift;
        for (ulong page = start >> PageShift; page <= last; page += AtOnce)
        {
            nint got = Sys.pread(pagemap, MemoryMarshal.AsBytes(pages[..(int)Math.Min(AtOnce, last - page + 1)]), (long)page * sizeof(ulong));
            int known = got < 0 ? 0 : (int)got / sizeof(ulong);
            for (int from = 0, to; from < known; from = to + 1)
            {
                for (to = from; to < known && (pages[to] & OfFile) != 0; to++) { }
                if (to > from)
                    _ = Sys.Call(SYS.madvise, (nint)((page + (ulong)from) << PageShift), (to - from) << PageShift, MADV.DONTNEED); // ignored: then it stays
            }
        }
    }

    [DllImport("libc")]
    private static extern int malloc_trim(nuint pad);

    [DllImport("libc")]
    private static extern nuint getauxval(nuint type);

    // Elf64_Phdr, elf(5)
    [StructLayout(LayoutKind.Sequential)]
    private struct ProgramHeader
    {
        public uint Type;
        public uint Flags;
        public ulong Offset;
        public ulong Address;
        public ulong PhysicalAddress;
        public ulong FileSize;
        public ulong MemorySize;
        public ulong Alignment;
    }
}
