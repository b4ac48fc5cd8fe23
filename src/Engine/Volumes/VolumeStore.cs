using Rundlet.Engine.Events;
using Rundlet.Engine.Lifecycle;
using Rundlet.Engine.State;
using Rundlet.Linux;
using Rundlet.Linux.Labels;
using Rundlet.Linux.Mounts;
using Rundlet.Runtime.Supervision;
using Rundlet.Syscalls;

namespace Rundlet.Engine.Volumes;

/// <summary>
/// The volumes of an engine. The row is the volume; its folder is made when it is first needed and removed before the row:
/// <code>
///   ROOT/volumes/NAME/_data               what containers see
///   ROOT/volumes/NAME/.rundlet-staging    files that are being copied; worth nothing after a crash
///   ROOT/volumes/NAME/.rundlet-staged     whole, on their way into _data; after a crash the next command goes on
/// </code>
/// Who removes, renames or fills a volume claims its row. Another process waits for that, unless the owner was killed: then it repairs
/// what was left, as every command does that opens an engine (<see cref="Reconcile"/>).
/// </summary>
public sealed class VolumeStore
{
    private const uint DataMode = 0x1ED; // 0755

    private readonly EnginePaths _paths;
    private readonly Database _database;
    private readonly EngineEvents _events;

    internal VolumeStore(EnginePaths paths, Database database, EngineEvents? events = null)
    {
        _events = events ?? new EngineEvents(paths);
        _paths = paths;
        _database = database;
        Table = new VolumeTable(database);
    }

    internal VolumeTable Table { get; }

    /// <summary>All volumes by name.</summary>
    public IReadOnlyList<VolumeRecord> List() => Table.List();

    /// <summary>A volume by name.</summary>
    /// <exception cref="ContainerException">NotFound, with what may have been meant.</exception>
    public VolumeRecord Get(string name) => Table.Find(name) ?? throw Table.NotFound(name);

    /// <summary>How many containers use each volume; unused ones are not in it.</summary>
    public IReadOnlyDictionary<string, int> CountUsers() => Table.CountUsers();

    /// <summary>Makes a volume, unless it is there with the same options.</summary>
    /// <exception cref="ContainerException">InvalidArgument: no name; Conflict: it has other options.</exception>
    public void Create(VolumeRecord wanted)
    {
        VolumeName.Validate(wanted.Name);
        VolumeRecord? existing = WhenFree(() => _database.Transact(durable: true, () => Table.Ensure(wanted)));
        if (existing is not null)
            VolumeTable.RequireSame(existing, wanted);
        try
        {
            Prepare(existing ?? wanted);
        }
        catch (ContainerException) when (existing is null)
        {
            Remove(wanted.Name);
            throw;
        }
        if (existing is null)
            TellCreated(wanted.Name);
    }

    /// <summary>Removes a volume with what is in it.</summary>
    /// <exception cref="ContainerException">NotFound; Conflict: containers use it.</exception>
    public void Remove(string name)
    {
        WhenFree(() => Table.Claim(name, VolumeClaim.Remove, unused: true));
        FinishRemoval(name);
    }

    /// <summary>Removes a volume that was made for something that failed, unless somebody else uses it by now.</summary>
    internal void TakeBack(string name)
    {
        try
        {
            Remove(name);
        }
        catch (ContainerException e) when (e.Kind is ContainerErrorKind.NotFound or ContainerErrorKind.Conflict)
        {
            _ = e; // ignored: it went with the container, or has found another one
        }
    }

    /// <summary>Gives a volume another name.</summary>
    /// <exception cref="ContainerException">NotFound; AlreadyExists; InvalidArgument: no name; Conflict: containers use it.</exception>
    public void Rename(string name, string newName)
    {
        VolumeName.Validate(newName);
        WhenFree(() =>
        {
            Table.Rename(name, newName);
            return true;
        });
        FinishRenaming(name, newName);
    }

    /// <summary>Claims a volume while files are put into it. Where that fails, the next who needs it looks at what is left.</summary>
    internal void WhileFilling(string name, Action<VolumeRecord> fill)
    {
        VolumeRecord volume = WhenFree(() => Table.Claim(name, VolumeClaim.Fill, unused: false));
        try
        {
            fill(volume);
        }
        catch
        {
            Table.Abandon(name);
            throw;
        }
        Table.Release(name);
    }

    /// <summary>Does something as soon as no volume that it meets is claimed.</summary>
    internal T WhenFree<T>(Func<T> work)
    {
        while (true)
        {
            try
            {
                return work();
            }
            catch (BusyVolume busy)
            {
                Await(busy.Volume);
            }
        }
    }

    /// <summary>Sets right what a killed owner of a claim left; does nothing while it lives.</summary>
    internal void Repair(string name)
    {
        if (Table.TakeOver(name) is not { } volume)
            return;
        switch (volume.Claim!.Purpose)
        {
            case VolumeClaim.Remove:
                FinishRemoval(name);
                break;
            case VolumeClaim.Rename:
                FinishRenaming(volume.MovedFrom!, name);
                break;
            default:
                RepairFiles(volume);
                break;
        }
    }

    /// <summary>Unmounts the file systems of a container's volumes that a killed supervisor left mounted, and that nobody else uses.</summary>
    internal void DetachUnused(string container)
    {
        foreach (VolumeRecord volume in Table.OfContainer(container))
        {
            if (VolumeOptions.FileSystemOf(volume.Options) is not null)
                SharedMount.DetachUnused(_paths.Volume(volume.Name), MountSource.DataName);
        }
    }

    /// <summary>Removes files and row of a volume that this process has claimed for that.</summary>
    internal void FinishRemoval(string name)
    {
        try
        {
            SharedMount.DetachUnused(_paths.Volume(name), MountSource.DataName);
            uint project = SizeLimit.ProjectOf(_paths.Volume(name));
            Folders.Remove(_paths.Volumes, name);
            SizeLimit.Forget(_paths.Volumes, project);
        }
        catch (LinuxException failed)
        {
            Table.Abandon(name); // half of it may be gone: it is no volume any more
            throw new ContainerException(failed.Errno == Errno.EBUSY ? ContainerErrorKind.Conflict : ContainerErrorKind.Internal, $"remove volume '{name}'", failed)
            {
                Hint = failed.Errno == Errno.EBUSY ? $"something is mounted in {_paths.Volume(name)}: umount it" : null,
            };
        }
        Table.Delete(name);
        _events.Volume("destroy", name, new KeyValuePair<string, string>("driver", VolumeOptions.LocalDriver));
    }

    /// <summary>Says in the event log that a volume was made.</summary>
    internal void TellCreated(string name) => _events.Volume("create", name, new KeyValuePair<string, string>("driver", VolumeOptions.LocalDriver));

    /// <summary>Makes the folder of a volume, where it is missing, and opens what containers see of it.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    internal OwnedFd OpenData(string name)
    {
        EnsureFolder(name);
        return FileIo.Open(Sys.AT_FDCWD, _paths.VolumeData(name), O.RDONLY | O.DIRECTORY | O.NOFOLLOW);
    }

    /// <summary>Opens the folder of a volume, the one that containers do not see.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    internal OwnedFd OpenFolder(string name)
    {
        EnsureFolder(name);
        return FileIo.Open(Sys.AT_FDCWD, _paths.Volume(name), O.RDONLY | O.DIRECTORY | O.NOFOLLOW);
    }

    /// <summary>Makes the folder of a volume where it is missing, and limits it where it is to be limited and is not yet.</summary>
    /// <exception cref="ContainerException">Unsupported: the file system has no project quotas.</exception>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    internal void Prepare(VolumeRecord volume)
    {
        EnsureFolder(volume.Name);
        string folder = _paths.Volume(volume.Name), data = _paths.VolumeData(volume.Name);
        // Both: what is moved from one to the other must be of one project.
        if (VolumeOptions.SizeOf(volume.Options) is { } size && SizeLimit.ProjectOf(data) == 0)
            SizeLimit.Apply([folder, data], size);
    }

    internal void EnsureFolder(string name)
    {
        ContainerEngine.EnsureFolder(_paths.Volumes);
        // What is made in them later has their type: what is copied from an image too, which comes by way of the outer one.
        using NewFileLabel? label = SelinuxContexts.OfHost is { } contexts ? new NewFileLabel(contexts.File) : null;
        ContainerEngine.EnsureFolder(_paths.Volume(name));
        int answer = Sys.mkdirat(Sys.AT_FDCWD, _paths.VolumeData(name), DataMode);
        if (Sys.Is(answer, Errno.EEXIST))
            return;
        LinuxException.ThrowIfError(answer, "mkdir", _paths.VolumeData(name));
        LinuxException.ThrowIfError(Sys.fchmodat(Sys.AT_FDCWD, _paths.VolumeData(name), DataMode), "chmod", _paths.VolumeData(name)); // whatever our umask is
    }

    private void RepairFiles(VolumeRecord volume)
    {
        try
        {
            PutRight(volume);
        }
        catch
        {
            Table.Abandon(volume.Name);
            throw;
        }
        Table.Release(volume.Name);
    }

    private void PutRight(VolumeRecord volume)
    {
        using VolumeFiles? files = VolumeFiles.TryOpenAlone(this, volume);
        if (files is not null) // else a container runs with it: what is left there waits for the next who fills it
            VolumeStage.Repair(files.Stage.Value, files.Data.Value);
    }

    private void FinishRenaming(string name, string newName)
    {
        int answer = Sys.renameat2(Sys.AT_FDCWD, _paths.Volume(name), Sys.AT_FDCWD, _paths.Volume(newName), RENAME.NOREPLACE);
        if (!Sys.Is(answer, Errno.ENOENT) && !Sys.Is(answer, Errno.EEXIST)) // never used, or done before
            LinuxException.ThrowIfError(answer, "rename volume", name);
        Table.Release(newName);
    }

    // A claim is as long as its work; an owner that ends without giving it back was killed.
    private void Await(VolumeRecord volume)
    {
        Claims.AwaitOwner(volume.Claim!.Owner);
        Repair(volume.Name);
    }
}
