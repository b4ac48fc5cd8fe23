using System.Text;
using Rundlet.Linux;

namespace Rundlet.Engine.Options;

/// <summary>
/// Splits a line as Dockerfiles do: blanks part words, quotes hold them together, a backslash takes the meaning from what follows, and
/// <c>$NAME</c> and <c>${NAME}</c> outside of single quotes are the image's variables.
/// </summary>
internal static class DockerfileWords
{
    /// <summary>Splits it.</summary>
    /// <param name="line">The line.</param>
    /// <param name="variables">Variables as <c>NAME=value</c>; what is not among them is empty.</param>
    /// <param name="error">Makes the error of a problem.</param>
    public static List<string> Split(string line, IReadOnlyList<string> variables, Func<string, ContainerException> error)
    {
        var splitter = new Splitter(line, variables, error);
        while (splitter.Next())
        {
        }
        return splitter.Words;
    }

    private ref struct Splitter(string line, IReadOnlyList<string> variables, Func<string, ContainerException> error)
    {
        private readonly StringBuilder _word = new();
        private bool _began;
        private char? _quote;
        private int _at;

        public List<string> Words { get; } = [];

        /// <summary>Takes one character, or what belongs together; false at the end.</summary>
        public bool Next()
        {
            if (_at == line.Length)
            {
                if (_quote is { } open)
                    throw error($"a quote {open} is not closed");
                EndWord();
                return false;
            }
            char c = line[_at++];
            if (_quote is null && c is ' ' or '\t')
            {
                EndWord();
                return true;
            }
            _began = true;
            if (_quote == c)
                _quote = null;
            else if (_quote is null && c is '"' or '\'')
                _quote = c;
            else if (c == '\\' && _quote != '\'' && _at < line.Length)
                TakeEscaped();
            else if (c == '$' && _quote != '\'')
                TakeVariable();
            else
                _word.Append(c);
            return true;
        }

        private void EndWord()
        {
            if (_began)
                Words.Add(_word.ToString());
            _word.Clear();
            _began = false;
        }

        /// <summary>Inside of double quotes a backslash stands for itself before most characters.</summary>
        private void TakeEscaped()
        {
            char next = line[_at++];
            if (_quote == '"' && next is not ('"' or '\\' or '$'))
                _word.Append('\\');
            _word.Append(next);
        }

        private void TakeVariable()
        {
            bool braced = _at < line.Length && line[_at] == '{';
            int start = braced ? _at + 1 : _at, end = start;
            while (end < line.Length && (char.IsAsciiLetterOrDigit(line[end]) || line[end] == '_'))
                end++;
            if (!braced && end == start)
            {
                _word.Append('$');
                return;
            }
            if (braced && (end == line.Length || line[end] != '}' || end == start))
                throw error("only $NAME and ${NAME} are known as variables");
            string prefix = line[start..end] + "=";
            _at = braced ? end + 1 : end;
            _word.Append(variables.LastOrDefault(variable => variable.StartsWith(prefix, StringComparison.Ordinal))?[prefix.Length..]);
        }
    }
}
