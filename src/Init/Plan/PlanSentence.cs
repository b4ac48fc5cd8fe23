using System.Globalization;
using System.Runtime.CompilerServices;

namespace Rundlet.Init;

/// <summary>
/// What an op does, for the error that nobody may ever see: an interpolated string that keeps its pieces and is put together when it is
/// read. A plan has hundreds of them.
/// </summary>
[InterpolatedStringHandler]
public struct PlanSentence
{
    private Pieces _pieces;
    private int _count;

    /// <summary>Called by the compiler.</summary>
    /// <param name="literalLength">Not used: nothing is put together here.</param>
    /// <param name="formattedCount">As above.</param>
    public PlanSentence(int literalLength, int formattedCount)
    {
        _ = literalLength;
        _ = formattedCount;
    }

    /// <summary>A sentence of one piece.</summary>
    public static implicit operator PlanSentence(string text)
    {
        PlanSentence sentence = default;
        sentence.AppendLiteral(text);
        return sentence;
    }

    /// <summary>Called by the compiler for the fixed parts.</summary>
    public void AppendLiteral(string piece)
    {
        if (_count < Pieces.Length)
            _pieces[_count++] = piece;
        else
            _pieces[Pieces.Length - 1] += piece;
    }

    /// <summary>Called by the compiler for a text.</summary>
    public void AppendFormatted(string? piece) => AppendLiteral(piece ?? "");

    /// <summary>Called by the compiler for a number.</summary>
    public void AppendFormatted(long piece) => AppendLiteral(piece.ToString(CultureInfo.InvariantCulture));

    /// <summary>The whole sentence.</summary>
    public override readonly string ToString() => string.Concat((ReadOnlySpan<string?>)((ReadOnlySpan<string?>)_pieces)[.._count]);

    [InlineArray(Length)]
    private struct Pieces
    {
        public const int Length = 5; // most have one to five; what comes behind is joined to the last

        private string? _first;
    }
}
