using Rundlet.Linux;

namespace Rundlet.Engine.Processes;

/// <summary>
/// Which columns the words behind <c>top CONTAINER</c> ask for: the formats of ps(1). Which processes they choose (<c>-e</c>, <c>-A</c>, <c>a</c>,
/// <c>x</c>) does not matter: those of the container are shown.
/// </summary>
public static class ProcessFormat
{
    private const string Full = "f.uid,pid,ppid,c,stime,tty,time,cmd", Plain = "pid,tty,time,cmd", OfUsers = "user,pid,%cpu,%mem,vsz,rss,tty,stat,start,bsdtime,command";
    private const string Long = "s,uid,pid,ppid,c,pri,ni,sz,tty,time,cmd", Bsd = "pid,tty,stat,bsdtime,command", Jobs = "pid,pgid,sid,tty,time,cmd";

    /// <summary>Reads the words.</summary>
    /// <param name="words">What the user wrote; nothing is <c>-ef</c>, as docker has it.</param>
    /// <exception cref="ContainerException">InvalidArgument: there is no such option or column.</exception>
    public static IReadOnlyList<ProcessColumn> Parse(IReadOnlyList<string> words)
    {
        ProcessColumns known = new();
        List<ProcessColumn> own = [];
        string format = words.Count == 0 ? Full : words[0].StartsWith('-') || words[0] is "o" ? Plain : Bsd;
        for (int i = 0; i < words.Count; i++)
        {
            string word = words[i];
            if (word is "--format" or "o" or "-o" || IsLettersWithO(word))
            {
                Choose(word.TrimStart('-').TrimEnd('o'), ref format);
                own.AddRange(Columns(known, ++i < words.Count ? words[i] : throw Invalid($"'{word}' needs a list of columns")));
            }
            else if (word.StartsWith("--format=", StringComparison.Ordinal))
                own.AddRange(Columns(known, word["--format=".Length..]));
            else if (word.StartsWith("-o", StringComparison.Ordinal))
                own.AddRange(Columns(known, word[2..]));
            else
                Choose(word, ref format);
        }
        return own.Count > 0 ? own : Columns(known, format);
    }

    // -eo pid,comm and axo pid,comm
    private static bool IsLettersWithO(string word) => word.Length > 1 && word[^1] == 'o' && !word.StartsWith("--", StringComparison.Ordinal);

    private static void Choose(string word, ref string format)
    {
        bool isUnix = word.StartsWith('-');
        foreach (char letter in word.TrimStart('-'))
        {
            switch (letter)
            {
                case 'e' or 'A' or 'a' or 'x' or 'w' or 'd' or 'N':
                    break;
                case 'f' when isUnix:
                    format = Full;
                    break;
                case 'l' when isUnix:
                    format = Long;
                    break;
                case 'j':
                    format = Jobs;
                    break;
                case 'u':
                    format = OfUsers;
                    break;
                default:
                    throw Invalid($"unknown option '{letter}' in '{word}'");
            }
        }
    }

    // pid,comm=NAME: the last one may have blanks and commas in its heading, as ps(1) has it.
    private static List<ProcessColumn> Columns(ProcessColumns known, string list)
    {
        List<ProcessColumn> columns = [];
        string rest = list;
        while (rest.Length > 0)
        {
            int end = rest.AsSpan().IndexOfAny(',', ' ', '=');
            string name = end < 0 ? rest : rest[..end];
            if (name.Length > 0)
            {
                ProcessColumn column = known.TryGet(name) ?? throw Unknown(known, name);
                bool renames = end >= 0 && rest[end] == '=';
                columns.Add(renames ? column with { Heading = rest[(end + 1)..] } : column);
                if (renames)
                    break;
            }
            rest = end < 0 ? "" : rest[(end + 1)..];
        }
        return columns.Count > 0 ? columns : throw Invalid("the list of columns is empty");
    }

    private static ContainerException Unknown(ProcessColumns known, string name)
    {
        string? near = Nearest.Of(name, known.Names);
        return new ContainerException(ContainerErrorKind.InvalidArgument, $"there is no column '{name}'") { Hint = near is null ? $"there are {string.Join(", ", known.Names)}" : $"did you mean '{near}'?" };
    }

    private static ContainerException Invalid(string message) =>
        new(ContainerErrorKind.InvalidArgument, message) { Hint = "there are the formats of ps(1) -ef, aux, -l and -j, and -o COLUMN,…" };
}
