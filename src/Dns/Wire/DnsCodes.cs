namespace Rundlet.Dns.Wire;

/// <summary>Numbers of the protocol: RFC 1035, 3596 (AAAA), 6891 (EDNS).</summary>
internal static class DnsCodes
{
    public const ushort A = 1, PTR = 12, SOA = 6, AAAA = 28, OPT = 41, IXFR = 251, AXFR = 252, ANY = 255;
    public const ushort ClassIn = 1, ClassAny = 255;
    public const int NoError = 0, FormatError = 1, ServerFailure = 2, NameError = 3, NotImplemented = 4, Refused = 5, BadVersion = 16;

    /// <summary>The first two bytes behind the id.</summary>
    public const ushort Response = 0x8000, OpcodeMask = 0x7800, Truncated = 0x0200, RecursionDesired = 0x0100, RecursionAvailable = 0x0080, CheckingDisabled = 0x0010, RcodeMask = 0x000F;

    /// <summary>In the place of an OPT record's time to live: the client wants signatures.</summary>
    public const ushort DnssecOk = 0x8000;

    /// <summary>Bytes of a message's head.</summary>
    public const int HeaderLength = 12;

    /// <summary>The largest answer by UDP for a client that says nothing about it, in bytes.</summary>
    public const int PlainSize = 512;

    /// <summary>The largest answer by UDP that we make, take or ask for, in bytes.</summary>
    public const int LargestDatagram = 4096;

    /// <summary>The largest message by TCP, in bytes.</summary>
    public const int LargestMessage = 65535;
}
