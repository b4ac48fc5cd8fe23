using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Rundlet.Syscalls;

namespace Rundlet.Linux.Netlink;

/// <summary>Reads acknowledgements, error messages and the end of a dump: struct nlmsgerr in linux/netlink.h.</summary>
internal static class NetlinkAnswer
{
    /// <summary>Stores what the message says in the request that it answers.</summary>
    /// <exception cref="LinuxException"><c>EBADMSG</c>: the message is cut short.</exception>
    public static void Read(in NetlinkMessage message, NetlinkRequest request)
    {
        ReadOnlySpan<byte> payload = message.Payload;
        if (!MemoryMarshal.TryRead(payload, out int code))
        {
            // The end of a dump may come without a code; an error may not.
            if (message.Type == NLMSG.ERROR)
                throw NetlinkMessage.Malformed();
            code = 0;
        }
        if (code is > 0 or < -4095)
            throw NetlinkMessage.Malformed();
        request.Answer((Errno)(-code), Text(in message, payload));
    }

    private static string? Text(in NetlinkMessage message, ReadOnlySpan<byte> payload)
    {
        if ((message.Flags & NLM_F.ACK_TLVS) == 0)
            return null;
        int skip = sizeof(int);
        if (message.Type == NLMSG.ERROR)
        {
            if (payload.Length < skip + Unsafe.SizeOf<nlmsghdr>())
                throw NetlinkMessage.Malformed();
            uint repeated = MemoryMarshal.Read<nlmsghdr>(payload[skip..]).nlmsg_len;
            bool capped = (message.Flags & NLM_F.CAPPED) != 0;
            long end = skip + (capped ? Unsafe.SizeOf<nlmsghdr>() : (repeated + 3L) & ~3L);
            if (end > payload.Length)
                throw NetlinkMessage.Malformed();
            skip = (int)end;
        }
        if (payload.Length < skip || !new NetlinkAttributes(payload[skip..]).TryFind(NLMSGERR_ATTR.MSG, out NetlinkAttribute text))
            return null;
        return Clean(text.Text);
    }

    // Messages of the kernel begin with a capital letter; they become the tail of a sentence of ours.
    private static string? Clean(string text)
    {
        text = text.Trim().TrimEnd('.');
        if (text.Length == 0)
            return null;
        bool isWord = text.Length > 1 && char.IsAsciiLetterLower(text[1]);
        return isWord ? char.ToLowerInvariant(text[0]) + text[1..] : text;
    }
}
