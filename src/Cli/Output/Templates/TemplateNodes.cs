namespace Rundlet.Cli.Output.Templates;

/// <summary>A part of a template that writes something.</summary>
/// <param name="At">Where it stands.</param>
internal abstract record TemplateNode(int At);

/// <summary>Text as it is.</summary>
internal sealed record TextNode(int At, string Text) : TemplateNode(At);

/// <summary>A value to print, or variables to set (then nothing is printed).</summary>
internal sealed record ActionNode(int At, Pipeline Pipeline) : TemplateNode(At);

/// <summary>What a branch does with its value.</summary>
internal enum BranchKind
{
    /// <summary>Chooses.</summary>
    If,

    /// <summary>Chooses, and makes the value the dot.</summary>
    With,

    /// <summary>Goes through the value's elements.</summary>
    Range,
}

/// <summary><c>if</c>, <c>with</c> or <c>range</c>, up to its <c>end</c>.</summary>
internal sealed record BranchNode(int At, BranchKind Kind, Pipeline Pipeline, IReadOnlyList<TemplateNode> Then, IReadOnlyList<TemplateNode> Else) : TemplateNode(At);

/// <summary><c>break</c> or <c>continue</c>.</summary>
internal sealed record LeaveNode(int At, bool Loop) : TemplateNode(At);

/// <summary>A value, with the variables that get it.</summary>
/// <param name="Variables">None; one; in a <c>range</c> also two, for key and element.</param>
/// <param name="Declares">Whether they are new.</param>
/// <param name="Value">The value.</param>
internal sealed record Pipeline(IReadOnlyList<string> Variables, bool Declares, Expression Value);

/// <summary>Something that has a value.</summary>
/// <param name="At">Where it stands.</param>
internal abstract record Expression(int At);

/// <summary>A constant.</summary>
internal sealed record LiteralExpression(int At, object? Value) : Expression(At);

/// <summary>The dot.</summary>
internal sealed record DotExpression(int At) : Expression(At);

/// <summary>A variable.</summary>
internal sealed record VariableExpression(int At, string Name) : Expression(At);

/// <summary>A member of a value, with arguments where it is a method.</summary>
internal sealed record MemberExpression(int At, Expression Of, string Name, IReadOnlyList<Expression> Arguments) : Expression(At);

/// <summary>A function's value. What was piped into it is its last argument.</summary>
internal sealed record CallExpression(int At, string Function, IReadOnlyList<Expression> Arguments) : Expression(At);
