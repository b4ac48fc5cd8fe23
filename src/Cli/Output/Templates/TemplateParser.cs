using System.Globalization;
using Rundlet.Engine;
using Rundlet.Linux;

namespace Rundlet.Cli.Output.Templates;

//   template = { text | "{{" action "}}" }
//   action   = pipeline | ("if" | "with" | "range") pipeline … ["else" [("if" | "with") pipeline] …] "end" | "break" | "continue"
//   pipeline = ["$x" ["," "$y"] (":=" | "=")] command { "|" command }
//   command  = function { operand } | operand [operand …, where it is a method]
//   operand  = ("." | ".Name" | "$x" | literal | "(" pipeline ")") { ".Name" without a blank before it }

/// <summary>Makes a tree of a template's tokens.</summary>
internal sealed class TemplateParser
{
    // Deeper than anybody nests by hand, and far from the end of the stack.
    private const int MaxDepth = 100;
    private static readonly string[] s_unsupported = ["define", "template", "block"];

    private readonly TemplateSource _source;
    private readonly List<TemplateToken> _tokens;
    private readonly List<string> _variables = ["$"];
    private int _next;
    private int _depth;
    private int _loops;

    private TemplateParser(TemplateSource source)
    {
        _source = source;
        _tokens = TemplateLexer.Read(source);
    }

    /// <summary>Parses a template.</summary>
    /// <exception cref="ContainerException">InvalidArgument: it is none; says where and why.</exception>
    public static IReadOnlyList<TemplateNode> Parse(TemplateSource source)
    {
        var parser = new TemplateParser(source);
        IReadOnlyList<TemplateNode> nodes = parser.ReadList(out TemplateToken end);
        return end.Kind == TokenKind.End ? nodes : throw source.Error(end.At, $"'{end.Value}' without 'if', 'with' or 'range' before it");
    }

    private TemplateToken Peek => _tokens[_next];

    private TemplateToken Take() => _tokens[_next++];

    /// <summary>Nodes up to an <c>end</c> or <c>else</c>, whose word is taken, or to the end of the text.</summary>
    private List<TemplateNode> ReadList(out TemplateToken end)
    {
        List<TemplateNode> nodes = [];
        while (true)
        {
            TemplateToken token = Take();
            switch (token.Kind)
            {
                case TokenKind.End:
                    end = token;
                    return nodes;
                case TokenKind.Text:
                    nodes.Add(new TextNode(token.At, token.Value));
                    continue;
            }
            if (Peek is { Kind: TokenKind.Word, Value: "end" or "else" })
            {
                end = Take();
                return nodes;
            }
            nodes.Add(ReadAction(token));
        }
    }

    private TemplateNode ReadAction(TemplateToken open)
    {
        if (Peek.Kind == TokenKind.Close)
            throw _source.Error(open.At, "the action is empty");
        if (Peek is not { Kind: TokenKind.Word } word)
            return ReadPrint(open);
        switch (word.Value)
        {
            case "if":
                return ReadBranch(Take(), BranchKind.If);
            case "with":
                return ReadBranch(Take(), BranchKind.With);
            case "range":
                return ReadBranch(Take(), BranchKind.Range);
            case "break" or "continue":
                Take();
                ExpectClose();
                return _loops > 0 ? new LeaveNode(word.At, word.Value == "break") : throw _source.Error(word.At, $"'{word.Value}' outside of a 'range'");
            default:
                return s_unsupported.Contains(word.Value) ? throw _source.Error(word.At, $"'{word.Value}' is not supported") : ReadPrint(open);
        }
    }

    private ActionNode ReadPrint(TemplateToken open)
    {
        Pipeline pipeline = ReadPipeline(mostVariables: 1);
        ExpectClose();
        return new ActionNode(open.At, pipeline);
    }

    private BranchNode ReadBranch(TemplateToken word, BranchKind kind)
    {
        Enter(word.At);
        int known = _variables.Count;
        Pipeline pipeline = ReadPipeline(kind == BranchKind.Range ? 2 : 1);
        ExpectClose();
        _loops += kind == BranchKind.Range ? 1 : 0;
        List<TemplateNode> then = ReadList(out TemplateToken end);
        _loops -= kind == BranchKind.Range ? 1 : 0;
        List<TemplateNode> otherwise = end.Value == "else" && end.Kind == TokenKind.Word ? ReadElse(ref end) : [];
        if (end.Kind == TokenKind.End)
            throw _source.Error(word.At, $"'{word.Value}' has no '{{{{end}}}}'");
        if (end.Value != "end")
            throw _source.Error(end.At, "a second 'else'");
        ExpectClose();
        _variables.RemoveRange(known, _variables.Count - known);
        _depth--;
        return new BranchNode(word.At, kind, pipeline, then, otherwise);
    }

    // `{{else if X}}` is `{{else}}{{if X}}` with one `{{end}}` for both: the inner branch takes it, and its `}}` is left for the outer one.
    private List<TemplateNode> ReadElse(ref TemplateToken end)
    {
        if (Peek is { Kind: TokenKind.Word, Value: "if" or "with" } word)
        {
            Take();
            BranchNode inner = ReadBranch(word, word.Value == "if" ? BranchKind.If : BranchKind.With);
            end = end with { Value = "end" };
            _next--;
            return [inner];
        }
        ExpectClose();
        return ReadList(out end);
    }

    private Pipeline ReadPipeline(int mostVariables)
    {
        List<string> variables = [];
        bool declares = false;
        int start = _next;
        while (Peek.Kind == TokenKind.Variable && _tokens[_next + 1].Kind is TokenKind.Comma or TokenKind.Declare or TokenKind.Assign)
        {
            TemplateToken variable = Take(), sign = Take();
            variables.Add(variable.Value);
            if (sign.Kind == TokenKind.Comma)
                continue;
            declares = sign.Kind == TokenKind.Declare;
            if (variables.Count > mostVariables)
                throw _source.Error(variable.At, $"too many variables: {(mostVariables == 1 ? "one is possible here" : "two are possible")}");
            if (!declares && variables.Find(name => !_variables.Contains(name)) is { } unknown)
                throw UnknownVariable(variable.At, unknown);
            break;
        }
        if (variables.Count > 0 && _tokens[_next - 1].Kind == TokenKind.Comma)
            throw _source.Error(_tokens[start].At, "variables need ':=' behind them");
        Expression value = ReadValue();
        if (declares)
            _variables.AddRange(variables);
        return new Pipeline(variables, declares, value);
    }

    private Expression ReadValue()
    {
        Expression value = ReadCommand(null);
        while (Peek.Kind == TokenKind.Pipe)
        {
            Take();
            value = ReadCommand(value);
        }
        return value;
    }

    private Expression ReadCommand(Expression? piped)
    {
        TemplateToken first = Peek;
        if (first is { Kind: TokenKind.Word, Value: not ("true" or "false" or "nil") })
        {
            Take();
            if (!TemplateFunctions.Exists(first.Value))
                throw _source.Error(first.At, $"unknown function '{first.Value}'", Suggest(first.Value));
            List<Expression> arguments = ReadOperands();
            if (piped is not null)
                arguments.Add(piped);
            return new CallExpression(first.At, first.Value, arguments);
        }
        if (piped is not null)
            throw _source.Error(first.At, "behind '|' stands a function");
        Expression operand = ReadOperand();
        List<Expression> others = ReadOperands();
        return others.Count == 0 ? operand
            : operand is MemberExpression member ? member with { Arguments = others }
            : throw _source.Error(others[0].At, "one value stands behind another, and the first is no function");
    }

    private List<Expression> ReadOperands()
    {
        List<Expression> operands = [];
        while (Peek.Kind is not (TokenKind.Close or TokenKind.Pipe or TokenKind.RightParenthesis))
            operands.Add(ReadOperand());
        return operands;
    }

    private Expression ReadOperand()
    {
        TemplateToken token = Take();
        Expression operand = token.Kind switch
        {
            TokenKind.Dot => new DotExpression(token.At),
            TokenKind.Member => new MemberExpression(token.At, new DotExpression(token.At), token.Value, []),
            TokenKind.Variable when _variables.Contains(token.Value) => new VariableExpression(token.At, token.Value),
            TokenKind.Variable => throw UnknownVariable(token.At, token.Value),
            TokenKind.String => new LiteralExpression(token.At, token.Value),
            TokenKind.Number => new LiteralExpression(token.At, NumberOf(token.Value)),
            TokenKind.Word when token.Value is "true" or "false" => new LiteralExpression(token.At, token.Value == "true"),
            TokenKind.Word when token.Value == "nil" => new LiteralExpression(token.At, null),
            TokenKind.Word when TemplateFunctions.Exists(token.Value) => new CallExpression(token.At, token.Value, []),
            TokenKind.LeftParenthesis => ReadParenthesis(token),
            TokenKind.Close => throw _source.Error(token.At, "a value is missing before '}}'"),
            _ => throw _source.Error(token.At, $"'{token.Value}' is no value"),
        };
        while (Peek is { Kind: TokenKind.Member, Joined: true })
        {
            TemplateToken member = Take();
            operand = new MemberExpression(member.At, operand, member.Value, []);
        }
        return operand;
    }

    private Expression ReadParenthesis(TemplateToken open)
    {
        Enter(open.At);
        Expression value = ReadValue();
        if (Take().Kind != TokenKind.RightParenthesis)
            throw _source.Error(open.At, "'(' has no ')'");
        _depth--;
        return value;
    }

    private void ExpectClose()
    {
        TemplateToken token = Take();
        if (token.Kind != TokenKind.Close)
            throw _source.Error(token.At, $"'{token.Value}' in place of '}}}}'");
    }

    private void Enter(int at)
    {
        if (++_depth > MaxDepth)
            throw _source.Error(at, $"nested more than {MaxDepth} deep");
    }

    private ContainerException UnknownVariable(int at, string name)
    {
        string? near = Nearest.Of(name, _variables.Skip(1));
        return _source.Error(at, $"unknown variable '{name}'", near is null ? "set it before: {{$x := .ID}}" : $"did you mean '{near}'?");
    }

    private static string Suggest(string function) =>
        Nearest.Of(function, TemplateFunctions.Names) is { } near ? $"did you mean '{near}'?"
        : char.IsUpper(function[0]) ? $"a member has a dot before it: '.{function}'"
        : $"there are {string.Join(", ", TemplateFunctions.Names)}";

    private static object NumberOf(string text) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long whole) ? (object)whole : double.Parse(text, CultureInfo.InvariantCulture);
}
