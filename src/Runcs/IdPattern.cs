using Rundlet.Linux;

namespace Rundlet.Runcs;

/// <summary>
/// The pattern of <c>--regex</c>: extended regular expressions as in regex(7), found anywhere in an id. Literals, <c>.</c>,
/// <c>[a-z]</c> and <c>[^a-z]</c>, <c>* + ? {m,n}</c>, <c>|</c>, groups, <c>^</c> and <c>$</c>; no classes such as
/// <c>[:alpha:]</c>, no back-references. All alternatives are followed at once, so that no pattern takes long.
/// The library's own engine is not linked for this one flag.
/// </summary>
internal sealed class IdPattern
{
    private const int MaxSteps = 20_000;
    private const int MaxRepeat = 255; // the length of an id
    private const int MaxDepth = 100;

    private readonly string _text;
    private readonly List<Step> _steps = [];
    private int _at;
    private int _depth;

    /// <summary>Reads a pattern.</summary>
    /// <exception cref="ContainerException"><see cref="ContainerErrorKind.InvalidArgument"/>: it is none, or too large.</exception>
    public IdPattern(string text)
    {
        _text = text;
        Alternatives();
        if (_at < text.Length)
            throw Wrong("a ')' too many");
        Add(new Step(StepKind.Match));
    }

    /// <summary>Whether it is found in an id.</summary>
    public bool IsIn(string id)
    {
        bool[] now = new bool[_steps.Count];
        for (int at = 0; ; at++)
        {
            Follow(0, id, at, now);
            bool[] next = new bool[_steps.Count];
            for (int step = 0; step < now.Length; step++)
            {
                if (now[step] && _steps[step].Kind == StepKind.Match)
                    return true;
                if (now[step] && at < id.Length && _steps[step].Takes(id[at]))
                    Follow(step + 1, id, at + 1, next);
            }
            if (at == id.Length)
                return false;
            now = next;
        }
    }

    private void Follow(int first, string id, int at, bool[] reached)
    {
        List<int> open = [first];
        while (open.Count > 0)
        {
            int number = open[^1];
            open.RemoveAt(open.Count - 1);
            if (reached[number])
                continue;
            reached[number] = true;
            Step step = _steps[number];
            switch (step.Kind)
            {
                case StepKind.Split:
                    open.Add(step.Other);
                    open.Add(number + 1);
                    break;
                case StepKind.Jump:
                    open.Add(step.Other);
                    break;
                case StepKind.Begin when at == 0:
                case StepKind.End when at == id.Length:
                    open.Add(number + 1);
                    break;
            }
        }
    }

    // a|b: split 1, a, jump to the end, 1: b
    private void Alternatives()
    {
        if (++_depth > MaxDepth)
            throw Wrong("nested too deep");
        int begin = _steps.Count;
        Sequence();
        while (_at < _text.Length && _text[_at] == '|')
        {
            _at++;
            Insert(begin, new Step(StepKind.Split, _steps.Count + 2));
            int jump = _steps.Count;
            Add(new Step(StepKind.Jump));
            Sequence();
            _steps[jump] = new Step(StepKind.Jump, _steps.Count);
        }
        _depth--;
    }

    private void Sequence()
    {
        while (_at < _text.Length && _text[_at] is not ('|' or ')'))
        {
            int begin = _steps.Count;
            Atom();
            while (_at < _text.Length && _text[_at] is '*' or '+' or '?' or '{')
                Repeat(begin);
        }
    }

    private void Atom()
    {
        char c = _text[_at++];
        switch (c)
        {
            case '(':
                Alternatives();
                if (_at >= _text.Length)
                    throw Wrong("a ')' is missing");
                _at++;
                return;
            case '[':
                Add(new Step(StepKind.Set, 0, Set()));
                return;
            case '.':
                Add(new Step(StepKind.Any));
                return;
            case '^':
                Add(new Step(StepKind.Begin));
                return;
            case '$':
                Add(new Step(StepKind.End));
                return;
            case '*' or '+' or '?' or '{':
                throw Wrong($"nothing to repeat before '{c}'");
            case '\\':
                if (_at >= _text.Length || char.IsAsciiLetterOrDigit(_text[_at]))
                    throw Wrong("'\\' stands before what has no meaning of its own");
                c = _text[_at++];
                break;
        }
        Add(new Step(StepKind.Set, 0, [new Range(c, c)]));
    }

    private List<Range> Set()
    {
        bool not = _at < _text.Length && _text[_at] == '^';
        if (not)
            _at++;
        List<Range> ranges = [];
        for (bool first = true; ; first = false)
        {
            if (_at >= _text.Length)
                throw Wrong("a ']' is missing");
            char low = _text[_at++];
            if (low == ']' && !first)
                break;
            if (low == '[' && _at < _text.Length && _text[_at] is ':' or '.' or '=')
                throw Wrong("classes of characters are not supported");
            char high = low;
            if (_at + 1 < _text.Length && _text[_at] == '-' && _text[_at + 1] != ']')
            {
                high = _text[_at + 1];
                _at += 2;
            }
            if (high < low)
                throw Wrong($"the range {low}-{high} is upside down");
            ranges.Add(new Range(low, high));
        }
        return not ? Inverse(ranges) : ranges;
    }

    private static List<Range> Inverse(List<Range> ranges)
    {
        ranges.Sort((a, b) => a.Low.CompareTo(b.Low));
        List<Range> inverse = [];
        int next = 0;
        foreach (Range range in ranges)
        {
            if (range.Low > next)
                inverse.Add(new Range((char)next, (char)(range.Low - 1)));
            next = Math.Max(next, range.High + 1);
        }
        if (next <= char.MaxValue)
            inverse.Add(new Range((char)next, char.MaxValue));
        return inverse;
    }

    private void Repeat(int begin)
    {
        (int least, int most) = _text[_at++] switch
        {
            '*' => (0, -1),
            '+' => (1, -1),
            '?' => (0, 1),
            _ => Bounds(),
        };
        List<Step> once = _steps.GetRange(begin, _steps.Count - begin);
        _steps.RemoveRange(begin, once.Count);
        for (int i = 0; i < least; i++)
            Copy(once, begin);
        if (most < 0)
        {
            int loop = _steps.Count;
            Add(new Step(StepKind.Split, loop + once.Count + 2));
            Copy(once, begin);
            Add(new Step(StepKind.Jump, loop));
        }
        for (int i = least; i < most; i++)
        {
            Add(new Step(StepKind.Split, _steps.Count + (most - i) * (once.Count + 1)));
            Copy(once, begin);
        }
    }

    private (int Least, int Most) Bounds()
    {
        int least = Number() ?? throw Wrong("'{' without a number");
        int? most = least;
        if (_at < _text.Length && _text[_at] == ',')
        {
            _at++;
            most = Number() ?? -1;
        }
        if (_at >= _text.Length || _text[_at] != '}' || (most >= 0 && most < least))
            throw Wrong("'{' without its '}', or with the numbers upside down");
        _at++;
        return (least, most.Value);
    }

    private int? Number()
    {
        int begin = _at;
        int number = 0;
        while (_at < _text.Length && char.IsAsciiDigit(_text[_at]))
        {
            number = number * 10 + (_text[_at++] - '0');
            if (number > MaxRepeat)
                throw Wrong($"more than {MaxRepeat} repetitions");
        }
        return _at > begin ? number : null;
    }

    private void Copy(List<Step> steps, int from)
    {
        int moved = _steps.Count - from;
        foreach (Step step in steps)
            Add(step.Kind is StepKind.Split or StepKind.Jump ? step with { Other = step.Other + moved } : step);
    }

    private void Insert(int at, Step step)
    {
        for (int i = at; i < _steps.Count; i++)
        {
            if (_steps[i].Kind is StepKind.Split or StepKind.Jump)
                _steps[i] = _steps[i] with { Other = _steps[i].Other + 1 };
        }
        Add(step);
        _steps.RemoveAt(_steps.Count - 1);
        _steps.Insert(at, step);
    }

    private void Add(Step step)
    {
        if (_steps.Count >= MaxSteps)
            throw Wrong("too large");
        _steps.Add(step);
    }

    private ContainerException Wrong(string why) => new(ContainerErrorKind.InvalidArgument, $"invalid regular expression '{_text}': {why}");

    private enum StepKind
    {
        Set,
        Any,
        Begin,
        End,
        Split,
        Jump,
        Match,
    }

    private readonly record struct Range(char Low, char High);

    private readonly record struct Step(StepKind Kind, int Other = 0, List<Range>? Ranges = null)
    {
        public bool Takes(char c)
        {
            if (Kind == StepKind.Any)
                return true;
            foreach (Range range in Ranges ?? [])
            {
                if (c >= range.Low && c <= range.High)
                    return true;
            }
            return false;
        }
    }
}
