namespace Rundlet.Runcs.CommandLine;

/// <summary>One command of <c>runcs</c>.</summary>
internal abstract class Command
{
    /// <summary>Its name.</summary>
    public abstract string Name { get; }

    /// <summary>What stands behind the flags in the help, such as <c>ID</c>.</summary>
    public abstract string Usage { get; }

    /// <summary>What it does, in a line.</summary>
    public abstract string Summary { get; }

    /// <summary>Its flags.</summary>
    public virtual IReadOnlyList<Option> Options => [];

    /// <summary>Whether flags may follow other words; not where the words are a command line of their own.</summary>
    public virtual bool Interspersed => true;

    /// <summary>The exit status of the command where it fails itself.</summary>
    public virtual int FailureStatus => 1;

    /// <summary>Runs it.</summary>
    /// <returns>The exit status.</returns>
    /// <exception cref="Linux.ContainerException">It failed.</exception>
    public abstract int Run(GlobalOptions global, Arguments arguments);

    /// <summary>The one word that must be there.</summary>
    /// <exception cref="Linux.ContainerException">There is none, or more.</exception>
    protected string OnlyWord(Arguments arguments) => arguments.Words.Count == 1
        ? arguments.Words[0]
        : throw new Linux.ContainerException(Linux.ContainerErrorKind.InvalidArgument, $"{Name} needs exactly one argument: {Usage}");
}
