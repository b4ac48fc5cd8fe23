using System.Text;

namespace Rundlet.Cli.Terminal;

/// <summary>What a key is.</summary>
internal enum KeyKind
{
    /// <summary>A character; see <see cref="Key.Character"/>.</summary>
    Character,

    /// <summary>An arrow.</summary>
    Up,

    /// <summary>An arrow.</summary>
    Down,

    /// <summary>An arrow.</summary>
    Left,

    /// <summary>An arrow.</summary>
    Right,

    /// <summary>A page up.</summary>
    PageUp,

    /// <summary>A page down.</summary>
    PageDown,

    /// <summary>To the beginning.</summary>
    Home,

    /// <summary>To the end.</summary>
    End,

    /// <summary>Return, or the one of the number pad.</summary>
    Enter,

    /// <summary>Escape alone.</summary>
    Escape,

    /// <summary>Deletes the character before.</summary>
    Backspace,

    /// <summary>Ctrl-C.</summary>
    Interrupt,

    /// <summary>Ctrl-Z.</summary>
    Suspend,

    /// <summary>Ctrl-L.</summary>
    Redraw,

    /// <summary>Any other.</summary>
    Other,
}

/// <summary>A key that was pressed.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Character">Of a character, which.</param>
internal readonly record struct Key(KeyKind Kind, Rune Character = default);
