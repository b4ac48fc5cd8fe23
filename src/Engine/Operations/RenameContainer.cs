using Rundlet.Engine.Lifecycle;
using Rundlet.Engine.Names;
using Rundlet.Engine.Networks;
using Rundlet.Engine.State;
using Rundlet.Linux;
using Rundlet.Runtime.Supervision;

namespace Rundlet.Engine.Operations;

/// <summary>Gives a container another name, whether it runs or not.</summary>
public static class RenameContainer
{
    /// <summary>The purpose of the claim.</summary>
    internal const string Purpose = "rename";

    /// <summary>Renames it.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="record">The container.</param>
    /// <param name="name">The new name.</param>
    /// <exception cref="ContainerException">InvalidArgument: it is no name, or the same; AlreadyExists: it is taken.</exception>
    public static void Run(ContainerEngine engine, ContainerRecord record, string name)
    {
        name = name.StartsWith('/') ? name[1..] : name; // docker's own output has the slash
        ContainerName.Validate(name);
        if (name == record.Name)
            throw new ContainerException(ContainerErrorKind.InvalidArgument, $"container '{name}' has that name already");
        record = Claims.Take(engine, record, Purpose);
        try
        {
            engine.Containers.Rename(record, name);
            Tell(engine, record with { Name = name });
            engine.Events.Container("rename", record with { Name = name }, new KeyValuePair<string, string>("oldName", record.Name));
        }
        finally
        {
            engine.Containers.Release(record.Id);
        }
    }

    /// <summary>Writes the name in the row to where the supervisor reads it; one that runs reads it anew by itself.</summary>
    internal static void Tell(ContainerEngine engine, ContainerRecord record)
    {
        string folder = engine.Paths.Container(record.Id);
        if (SupervisorConfig.TryReadIn(folder) is not { Events: { } events } config || events.Attributes.GetValueOrDefault("name") is not { } old || old == record.Name)
            return;
        NetworkNameFiles.Rename(engine, record.Id, old, record.Name); // first: with the old name there, the next command knows that this is to be done
        Folders.Write(folder, SupervisorConfig.FileName, (config with { Events = events.Named(record.Name) }).ToBytes());
    }
}
