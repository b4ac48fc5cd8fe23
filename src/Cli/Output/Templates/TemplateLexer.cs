using System.Globalization;
using System.Text;

namespace Rundlet.Cli.Output.Templates;

/// <summary>Cuts a template into tokens, by the rules of Go's text/template.</summary>
internal sealed class TemplateLexer
{
    private const string Open = "{{", Close = "}}", CommentOpen = "/*", CommentClose = "*/";

    private readonly TemplateSource _source;
    private readonly string _text;
    private readonly List<TemplateToken> _tokens = [];
    private int _at;
    private bool _trimNext;

    private TemplateLexer(TemplateSource source)
    {
        _source = source;
        _text = source.Text;
    }

    /// <summary>All tokens; the last is <see cref="TokenKind.End"/>.</summary>
    /// <exception cref="Linux.ContainerException">InvalidArgument: an action does not end, or holds what is no token.</exception>
    public static List<TemplateToken> Read(TemplateSource source)
    {
        var lexer = new TemplateLexer(source);
        lexer.ReadAll();
        return lexer._tokens;
    }

    private void ReadAll()
    {
        while (_at < _text.Length)
        {
            int open = _text.IndexOf(Open, _at, StringComparison.Ordinal);
            int end = open < 0 ? _text.Length : open;
            bool trimmed = open >= 0 && open + 3 < _text.Length && _text[open + 2] == '-' && IsSpace(_text[open + 3]);
            AddText(_text.AsSpan(_at, end - _at), trimmed);
            if (open < 0)
            {
                _at = end;
                break;
            }
            _at = open + (trimmed ? 3 : 2);
            ReadAction(open);
        }
        _tokens.Add(new TemplateToken(TokenKind.End, _text.Length, ""));
    }

    private void AddText(ReadOnlySpan<char> text, bool trimEnd)
    {
        if (_trimNext)
            text = text.TrimStart(" \t\r\n");
        if (trimEnd)
            text = text.TrimEnd(" \t\r\n");
        _trimNext = false;
        if (!text.IsEmpty)
            _tokens.Add(new TemplateToken(TokenKind.Text, _at, _source.Unescapes ? text.ToString().Replace("\\t", "\t").Replace("\\n", "\n") : text.ToString()));
    }

    private void ReadAction(int open)
    {
        if (IsNext(CommentOpen) || IsNext(" " + CommentOpen))
        {
            SkipComment(open);
            return;
        }
        _tokens.Add(new TemplateToken(TokenKind.Open, open, Open));
        bool joined = false;
        while (true)
        {
            if (_at >= _text.Length)
                throw _source.Error(open, "the action has no end '}}'");
            if (IsNext(Close) || IsNext("-" + Close) && !joined)
            {
                _tokens.Add(new TemplateToken(TokenKind.Close, _at, Close));
                _trimNext = _text[_at] == '-';
                _at += _trimNext ? 3 : 2;
                return;
            }
            if (IsSpace(_text[_at]))
            {
                joined = false;
                _at++;
                continue;
            }
            _tokens.Add(ReadToken(joined));
            joined = true;
        }
    }

    private void SkipComment(int open)
    {
        int end = _text.IndexOf(CommentClose, _at, StringComparison.Ordinal);
        if (end < 0)
            throw _source.Error(open, "the comment has no end '*/}}'");
        _at = end + CommentClose.Length;
        _trimNext = IsNext(" -" + Close);
        if (!_trimNext && !IsNext(Close))
            throw _source.Error(_at, "a comment ends with '*/}}'");
        _at += _trimNext ? 4 : 2;
    }

    private TemplateToken ReadToken(bool joined)
    {
        int start = _at;
        char c = _text[_at];
        switch (c)
        {
            case '(':
                return Single(TokenKind.LeftParenthesis, joined);
            case ')':
                return Single(TokenKind.RightParenthesis, joined);
            case '|':
                return Single(TokenKind.Pipe, joined);
            case ',':
                return Single(TokenKind.Comma, joined);
            case '=':
                return Single(TokenKind.Assign, joined);
            case ':' when IsNext(":="):
                _at += 2;
                return new TemplateToken(TokenKind.Declare, start, ":=", joined);
            case '"':
                return new TemplateToken(TokenKind.String, start, ReadQuoted(), joined);
            case '`':
                return new TemplateToken(TokenKind.String, start, ReadRaw(), joined);
            case '.':
                _at++;
                string member = ReadName();
                return new TemplateToken(member.Length > 0 ? TokenKind.Member : TokenKind.Dot, start, member, joined);
            case '$':
                _at++;
                return new TemplateToken(TokenKind.Variable, start, "$" + ReadName(), joined);
        }
        if (char.IsAsciiDigit(c) || c is '-' or '+' && _at + 1 < _text.Length && char.IsAsciiDigit(_text[_at + 1]))
            return new TemplateToken(TokenKind.Number, start, ReadNumber(), joined);
        string word = ReadName();
        return word.Length > 0
            ? new TemplateToken(TokenKind.Word, start, word, joined)
            : throw _source.Error(start, $"'{(Rune.TryGetRuneAt(_text, start, out Rune rune) ? rune : Rune.ReplacementChar)}' has no meaning in an action");
    }

    private TemplateToken Single(TokenKind kind, bool joined) => new(kind, _at, _text[_at++].ToString(), joined);

    private string ReadName()
    {
        int start = _at;
        while (_at < _text.Length && (char.IsLetterOrDigit(_text[_at]) || _text[_at] == '_'))
            _at++;
        return _text[start.._at];
    }

    private string ReadNumber()
    {
        int start = _at++;
        while (_at < _text.Length && (char.IsAsciiDigit(_text[_at]) || _text[_at] == '.'))
            _at++;
        string number = _text[start.._at];
        return double.TryParse(number, NumberStyles.Float, CultureInfo.InvariantCulture, out _) ? number : throw _source.Error(start, $"'{number}' is not a number");
    }

    private string ReadRaw()
    {
        int start = _at;
        int end = _text.IndexOf('`', _at + 1);
        if (end < 0)
            throw _source.Error(start, "the string has no end '`'");
        _at = end + 1;
        return _text[(start + 1)..end];
    }

    private string ReadQuoted()
    {
        int start = _at++;
        StringBuilder value = new();
        while (true)
        {
            if (_at >= _text.Length || _text[_at] == '\n')
                throw _source.Error(start, "the string has no end '\"'");
            char c = _text[_at++];
            if (c == '"')
                return value.ToString();
            value.Append(c == '\\' ? ReadEscape() : c);
        }
    }

    private char ReadEscape()
    {
        char c = _at < _text.Length ? _text[_at++] : '\0';
        switch (c)
        {
            case 'n':
                return '\n';
            case 't':
                return '\t';
            case 'r':
                return '\r';
            case '\\' or '"' or '\'':
                return c;
            case 'x' or 'u':
                int length = c == 'x' ? 2 : 4;
                if (_at + length <= _text.Length && ushort.TryParse(_text.AsSpan(_at, length), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ushort code))
                {
                    _at += length;
                    return (char)code;
                }
                break;
        }
        throw _source.Error(_at - 1, "unknown escape in a string", "there are \\n, \\t, \\r, \\\\, \\\", \\xHH and \\uHHHH");
    }

    private bool IsNext(string text) => string.CompareOrdinal(_text, _at, text, 0, text.Length) == 0;

    private static bool IsSpace(char c) => c is ' ' or '\t' or '\r' or '\n';
}
