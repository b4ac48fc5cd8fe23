using Rundlet.Linux;

namespace Rundlet.Cli.CommandLine;

/// <summary>One command of <c>rundlet</c>.</summary>
internal abstract class Command
{
    /// <summary>Its name.</summary>
    public abstract string Name { get; }

    /// <summary>What stands behind the flags in the help, such as <c>CONTAINER</c>.</summary>
    public abstract string Usage { get; }

    /// <summary>What it does, in a line.</summary>
    public abstract string Summary { get; }

    /// <summary>The heading under which the help lists it.</summary>
    public virtual string Group => "Containers";

    /// <summary>Whether it is for programs alone: no help lists it, and no hint means it.</summary>
    public virtual bool IsHidden => false;

    /// <summary>Its flags.</summary>
    public virtual IReadOnlyList<Option> Options => [];

    /// <summary>Lines of examples for the help.</summary>
    public virtual IReadOnlyList<string> Examples => [];

    /// <summary>How many words may be mixed with flags; behind them begins a command line of the container's own.</summary>
    public virtual int FreeWords => int.MaxValue;

    /// <summary>The exit code where the command fails itself; 125 where the container's program may have code 1 as well.</summary>
    public virtual int FailureCode => 1;

    /// <summary>The flag with which a listing is printed otherwise.</summary>
    protected static Option FormatOption { get; } = new("format", null, "table|json|TEMPLATE", "how to print them (default table); a template is like '{{.ID}}' or 'table {{.ID}}\\t{{.Size}}'");

    /// <summary>The flag with which a document is printed otherwise.</summary>
    protected static Option DocumentFormatOption { get; } = new("format", 'f', "json|TEMPLATE", "how to print it; a template is like '{{json .Config}}'");

    /// <summary>Runs it.</summary>
    /// <returns>The exit code.</returns>
    /// <exception cref="ContainerException">It failed.</exception>
    public abstract int Run(Session session, Arguments arguments);

    /// <summary>The error for a wrong number of words.</summary>
    protected ContainerException Wants(Arguments arguments, string what) => new(ContainerErrorKind.InvalidArgument, $"'{arguments.Command}' needs {what}")
    {
        Hint = $"usage: {arguments.Command} {(Options.Count > 0 ? "[FLAGS] " : "")}{Usage}",
    };

    /// <summary>Refuses words where there must be none.</summary>
    protected static void RefuseWords(Arguments arguments)
    {
        if (arguments.Words.Count > 0)
            throw new ContainerException(ContainerErrorKind.InvalidArgument, $"'{arguments.Command}' takes no argument '{arguments.Words[0]}'");
    }

    /// <summary>Does something for each container (or whatever it is) named; all are tried, errors are told as they come.</summary>
    /// <param name="session">The session.</param>
    /// <param name="arguments">The words are the names.</param>
    /// <param name="work">What to do with one; answers the line to print.</param>
    /// <param name="kind">What is named.</param>
    protected int ForEach(Session session, Arguments arguments, Func<string, string?> work, string kind = "container")
    {
        if (arguments.Words.Count == 0)
            throw Wants(arguments, $"at least one {kind}");
        int code = 0;
        foreach (string reference in arguments.Words)
        {
            try
            {
                if (work(reference) is { } line)
                    Out.Line(line);
            }
            catch (Exception e) when (ErrorReport.IsOurs(e))
            {
                ErrorReport.Write(e, session.Debug);
                code = ErrorReport.CodeOf(e, FailureCode);
            }
        }
        return code;
    }
}
