using Rundlet.Syscalls;

namespace Rundlet.Reaper;

/// <summary>Starts a program that is named by its path, or looked for along PATH as execvp(3) does.</summary>
internal static class ProgramPath
{
    private static ReadOnlySpan<byte> DefaultFolders => "/bin:/usr/bin"u8;

    /// <summary>Starts it.</summary>
    /// <param name="command">Its name and its arguments, a NUL behind each.</param>
    /// <param name="environment">Its variables, a NUL behind each.</param>
    /// <returns>Its pid, or a negated errno.</returns>
    public static int Start(ReadOnlySpan<byte> command, ReadOnlySpan<byte> environment)
    {
        ReadOnlySpan<byte> name = command[..(command.IndexOf((byte)0) + 1)];
        if (name.Contains((byte)'/'))
            return RawProgram.Start(name, command, environment);
        ReadOnlySpan<byte> folders = FoldersOf(environment);
        int answer = -(int)Errno.ENOENT;
        while (true)
        {
            int colon = folders.IndexOf((byte)':');
            ReadOnlySpan<byte> folder = colon < 0 ? folders : folders[..colon];
            int tried = RawProgram.Start([.. folder.IsEmpty ? "."u8 : folder, (byte)'/', .. name], command, environment);
            if (tried >= 0 || !(Sys.Is(tried, Errno.ENOENT) || Sys.Is(tried, Errno.ENOTDIR) || Sys.Is(tried, Errno.EACCES)))
                return tried;
            if (Sys.Is(tried, Errno.EACCES))
                answer = tried; // one that may not be executed is told, if there is no other one
            if (colon < 0)
                return answer;
            folders = folders[(colon + 1)..];
        }
    }

    private static ReadOnlySpan<byte> FoldersOf(ReadOnlySpan<byte> environment)
    {
        ReadOnlySpan<byte> folders = DefaultFolders;
        while (!environment.IsEmpty)
        {
            int end = environment.IndexOf((byte)0);
            ReadOnlySpan<byte> variable = end < 0 ? environment : environment[..end];
            if (variable.StartsWith("PATH="u8))
                folders = variable["PATH="u8.Length..];
            environment = end < 0 ? default : environment[(end + 1)..];
        }
        return folders;
    }
}
