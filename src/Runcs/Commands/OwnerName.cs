using System.Globalization;
using Rundlet.Linux;

namespace Rundlet.Runcs.Commands;

/// <summary>The name of a user of the host, read from /etc/passwd: a static program has no name service.</summary>
internal static class OwnerName
{
    /// <summary>The name, or the number where there is none.</summary>
    public static string Of(uint uid)
    {
        string number = uid.ToString(CultureInfo.InvariantCulture);
        foreach (string line in ReadPasswd().Split('\n'))
        {
            string[] fields = line.Split(':');
            if (fields.Length > 2 && fields[2] == number)
                return fields[0];
        }
        return number;
    }

    // A file that is closed to the caller, or too large, must not hide the state.
    private static string ReadPasswd()
    {
        try
        {
            return FileIo.TryReadText("/etc/passwd") ?? "";
        }
        catch (Rundlet.Syscalls.LinuxException)
        {
            return "";
        }
    }
}
