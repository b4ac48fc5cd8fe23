namespace Rundlet.Cli.Output.Templates;

/// <summary>What a token is.</summary>
internal enum TokenKind
{
    /// <summary>Text outside of actions.</summary>
    Text,

    /// <summary><c>{{</c></summary>
    Open,

    /// <summary><c>}}</c></summary>
    Close,

    /// <summary>A lone <c>.</c></summary>
    Dot,

    /// <summary><c>.Name</c>; the value is the name.</summary>
    Member,

    /// <summary><c>$name</c> or <c>$</c>; the value is the name with its dollar.</summary>
    Variable,

    /// <summary>A function or keyword.</summary>
    Word,

    /// <summary>A number.</summary>
    Number,

    /// <summary>A string; the value is what it means.</summary>
    String,

    /// <summary><c>(</c></summary>
    LeftParenthesis,

    /// <summary><c>)</c></summary>
    RightParenthesis,

    /// <summary><c>|</c></summary>
    Pipe,

    /// <summary><c>:=</c></summary>
    Declare,

    /// <summary><c>=</c></summary>
    Assign,

    /// <summary><c>,</c></summary>
    Comma,

    /// <summary>Behind the last character.</summary>
    End,
}

/// <summary>A piece of a template.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="At">Where it begins.</param>
/// <param name="Value">What it says.</param>
/// <param name="Joined">Whether it stands right behind the token before it: <c>.A.B</c> is one value, <c>.A .B</c> two.</param>
internal readonly record struct TemplateToken(TokenKind Kind, int At, string Value, bool Joined = false);
