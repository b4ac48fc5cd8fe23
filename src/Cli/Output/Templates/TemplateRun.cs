using System.Text;
using Rundlet.Engine;
using Rundlet.Linux;

namespace Rundlet.Cli.Output.Templates;

/// <summary>One run of a template over one value.</summary>
/// <param name="source">The template's text.</param>
/// <param name="output">Gets what it writes.</param>
/// <param name="headings">
/// Whether this makes the headings of a table. There every member is a string, its heading, so functions and branches cannot work as
/// they would: they pass the heading on.
/// </param>
internal sealed class TemplateRun(TemplateSource source, StringBuilder output, bool headings)
{
    private const string LabelMethod = "Label", LabelsMember = "Labels";

    private readonly List<(string Name, object? Value)> _variables = [];
    private object? _dot;

    private enum Flow
    {
        Next,
        Break,
        Continue,
    }

    /// <summary>Runs it.</summary>
    /// <exception cref="ContainerException">InvalidArgument: the value does not have what the template asks for.</exception>
    public void Run(IReadOnlyList<TemplateNode> nodes, object? value)
    {
        _dot = value;
        _variables.Add(("$", value));
        Walk(nodes);
    }

    private Flow Walk(IReadOnlyList<TemplateNode> nodes)
    {
        int known = _variables.Count;
        Flow flow = Flow.Next;
        for (int i = 0; i < nodes.Count && flow == Flow.Next; i++)
        {
            switch (nodes[i])
            {
                case TextNode text:
                    output.Append(text.Text);
                    break;
                case ActionNode action:
                    object? value = Set(action.Pipeline);
                    if (action.Pipeline.Variables.Count == 0)
                        output.Append(TemplateValue.Show(value));
                    break;
                case LeaveNode leave:
                    flow = leave.Loop ? Flow.Break : Flow.Continue;
                    break;
                case BranchNode branch:
                    flow = Walk(branch);
                    break;
            }
        }
        _variables.RemoveRange(known, _variables.Count - known);
        return flow;
    }

    private Flow Walk(BranchNode branch)
    {
        int known = _variables.Count;
        object? before = _dot;
        Flow flow;
        if (headings)
        {
            _dot = Set(branch.Pipeline);
            flow = Walk(branch.Then);
        }
        else if (branch.Kind == BranchKind.Range)
        {
            flow = WalkElements(branch);
        }
        else
        {
            object? value = Set(branch.Pipeline);
            bool isTrue = TemplateValue.IsTrue(value);
            if (isTrue && branch.Kind == BranchKind.With)
                _dot = value;
            flow = Walk(isTrue ? branch.Then : branch.Else);
        }
        _dot = before;
        _variables.RemoveRange(known, _variables.Count - known);
        return flow;
    }

    private Flow WalkElements(BranchNode branch)
    {
        List<(object? Key, object? Value)> elements = Evaluate(branch.Pipeline.Value) switch
        {
            null => [],
            IReadOnlyList<object?> list => [.. list.Select((element, index) => ((object?)(long)index, element))],
            ITemplateObject members => [.. members.Names.Order(StringComparer.Ordinal).Select(name => ((object?)name, members.TryGet(name, out object? member) ? member : null))],
            var other => throw source.Error(branch.Pipeline.Value.At, $"cannot go through {TemplateValue.TypeOf(other)} '{TemplateValue.Show(other)}'", "'range' wants a list or an object"),
        };
        if (elements.Count == 0)
            return Walk(branch.Else);
        foreach ((object? key, object? value) in elements)
        {
            int known = _variables.Count;
            _dot = value;
            IReadOnlyList<string> names = branch.Pipeline.Variables;
            if (names.Count == 2)
                Assign(names[0], key, branch.Pipeline.Declares);
            if (names.Count > 0)
                Assign(names[^1], value, branch.Pipeline.Declares);
            Flow flow = Walk(branch.Then);
            if (branch.Pipeline.Declares)
                _variables.RemoveRange(known, _variables.Count - known);
            if (flow == Flow.Break)
                break;
        }
        return Flow.Next;
    }

    private object? Set(Pipeline pipeline)
    {
        object? value = Evaluate(pipeline.Value);
        foreach (string name in pipeline.Variables)
            Assign(name, value, pipeline.Declares);
        return value;
    }

    private void Assign(string name, object? value, bool declares)
    {
        int at = _variables.FindLastIndex(variable => variable.Name == name);
        if (declares || at < 0)
            _variables.Add((name, value));
        else
            _variables[at] = (name, value);
    }

    private object? Evaluate(Expression expression) => expression switch
    {
        LiteralExpression literal => literal.Value,
        DotExpression => _dot,
        VariableExpression variable => _variables.FindLast(known => known.Name == variable.Name).Value,
        MemberExpression member => MemberOf(member),
        CallExpression call => Call(call),
        _ => throw new InvalidOperationException(expression.GetType().Name),
    };

    private object? Call(CallExpression call)
    {
        List<object?> arguments = new(call.Arguments.Count);
        bool stopAt = call.Function == "or";
        foreach (Expression argument in call.Arguments)
        {
            object? value = Evaluate(argument);
            if (!headings && call.Function is "and" or "or" && TemplateValue.IsTrue(value) == stopAt)
                return value;
            arguments.Add(value);
        }
        if (!headings)
            return TemplateFunctions.Invoke(new TemplateCall(source, call.At, call.Function, arguments));
        // The heading is what came out of a member, not what stands in the template.
        int heading = 0;
        while (heading < call.Arguments.Count && call.Arguments[heading] is LiteralExpression)
            heading++;
        return heading < arguments.Count ? arguments[heading] : "";
    }

    private object? MemberOf(MemberExpression expression)
    {
        object? of = Evaluate(expression.Of);
        if (expression.Arguments.Count > 0)
            return Method(expression, of);
        if (of is ITemplateObject members)
        {
            if (members.TryGet(expression.Name, out object? value))
                return value;
            List<string> names = [.. members.Names];
            // A map of the user's own words (labels) may lack a key; a typo among our members must not print nothing.
            return names.Exists(name => name.Length > 0 && char.IsUpper(name[0])) ? throw Unknown(expression, names) : null;
        }
        if (headings)
            return of;
        throw source.Error(expression.At, of is null ? $"there is no value that could have a member '{expression.Name}'" : $"{TemplateValue.TypeOf(of)} '{TemplateValue.Show(of)}' has no member '{expression.Name}'");
    }

    /// <summary>The one method that docker's rows have: <c>.Label "key"</c>.</summary>
    private object? Method(MemberExpression expression, object? of)
    {
        if (expression.Name != LabelMethod || expression.Arguments.Count != 1 || of is not ITemplateObject members || !members.TryGet(LabelsMember, out object? labels))
            throw source.Error(expression.At, $"member '{expression.Name}' takes no arguments");
        if (Evaluate(expression.Arguments[0]) is not string key)
            throw source.Error(expression.Arguments[0].At, "the key of a label is a string");
        if (headings)
            return key[(key.LastIndexOf('.') + 1)..].Replace('-', ' ').Replace('_', ' ');
        if (labels is ITemplateObject map)
            return map.TryGet(key, out object? value) ? value : "";
        string? pair = TemplateValue.Show(labels).Split(',').FirstOrDefault(pair => pair == key || pair.StartsWith(key + "=", StringComparison.Ordinal));
        return pair is null || pair.Length == key.Length ? "" : pair[(key.Length + 1)..];
    }

    private ContainerException Unknown(MemberExpression expression, List<string> names) => source.Error(
        expression.At,
        $"there is no member '{expression.Name}'",
        Nearest.Of(expression.Name, names) is { } near ? $"did you mean '.{near}'?"
            : names.Find(name => name.Equals(expression.Name, StringComparison.OrdinalIgnoreCase)) is { } other ? $"did you mean '.{other}'?"
            : $"there are {string.Join(", ", names.Select(name => $".{name}"))}");
}
