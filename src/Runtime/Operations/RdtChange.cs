using Rundlet.Linux;
using Rundlet.Linux.Cgroups;
using Rundlet.Linux.Resctrl;
using Rundlet.Oci;
using Rundlet.Runtime.Planning;
using Rundlet.Runtime.State;
using Rundlet.Syscalls;

namespace Rundlet.Runtime;

/// <summary>
/// Another share of cache and memory bandwidth, which goes back unless somebody calls <see cref="Keep"/>. A container that has no group
/// of resctrl gets one of its own.
/// </summary>
internal sealed class RdtChange : IDisposable
{
    private readonly Action _undo;
    private bool _isKept;

    private RdtChange(Action undo) => _undo = undo;

    /// <summary>Makes the change, in the spec too.</summary>
    /// <param name="container">The container.</param>
    /// <param name="linux">Its spec, which is to be saved afterwards.</param>
    /// <param name="wanted">The lines that change; null for no change.</param>
    /// <param name="cgroup">Where its processes are.</param>
    /// <exception cref="ContainerException">The kernel refused; nothing changed.</exception>
    public static RdtChange? Make(ContainerHandle container, LinuxSpec linux, IntelRdt? wanted, Cgroup cgroup)
    {
        if (wanted is null)
            return null;
        RdtPlan.Validate(wanted);
        SavedState state = container.State!;
        RdtChange change = state.RdtGroup.Length == 0 ? Join(container, wanted, cgroup) : Write(state, wanted);
        linux.IntelRdt ??= new IntelRdt();
        linux.IntelRdt.L3CacheSchema = wanted.L3CacheSchema is { Length: > 0 } cache ? cache : linux.IntelRdt.L3CacheSchema;
        linux.IntelRdt.MemBwSchema = wanted.MemBwSchema is { Length: > 0 } bandwidth ? bandwidth : linux.IntelRdt.MemBwSchema;
        return change;
    }

    /// <summary>The new share stays.</summary>
    public void Keep() => _isKept = true;

    /// <summary>Takes it back, unless it is kept.</summary>
    public void Dispose()
    {
        if (_isKept)
            return;
        try
        {
            _undo();
        }
        catch (Exception left) when (left is LinuxException or ContainerException)
        {
            _ = left; // ignored: what made the caller give up is the error to tell
        }
    }

    // On record before it is made, as at create.
    private static RdtChange Join(ContainerHandle container, IntelRdt wanted, Cgroup cgroup)
    {
        SavedState state = container.State!;
        RdtGroup group = RdtGroup.For(wanted, container.Folder.Id)!;
        group.Record(state);
        container.Folder.Save(state);
        RdtChange change = new(() =>
        {
            group.Undo();
            state.RdtGroup = "";
            container.Folder.Save(state);
        });
        try
        {
            group.EnterAll(() => Processes(cgroup, state.Pid));
            return change;
        }
        catch
        {
            change.Dispose();
            throw;
        }
    }

    // Without a cgroup of its own only the first process is known to be the container's.
    private static IReadOnlyList<int> Processes(Cgroup cgroup, int first) => cgroup.IsEmpty ? [first] : cgroup.Pids();

    private static RdtChange Write(SavedState state, IntelRdt wanted)
    {
        if (state.RdtGroup == "/")
            throw new ContainerException(ContainerErrorKind.Conflict, "linux.intelRdt: the container is in the default group, which is the whole machine's") { Hint = "change it in resctrl, or create the container with another closID" };
        ResctrlFileSystem system = RdtGroup.Require();
        ResctrlGroup group = system.Group(state.RdtGroup);
        List<SchemaLine> outcome = RdtPlan.Outcome(wanted);
        List<string> before = [];
        RdtGroup.RequireControl(system, wanted);
        RdtGroup.Told(() =>
        {
            using OwnedFd held = system.Lock();
            foreach (string line in group.ReadSchemata().Split('\n', StringSplitOptions.TrimEntries))
            {
                if (SchemaLine.TryParse(line) is { } present && outcome.Exists(changed => changed.Resource == present.Resource))
                    before.Add(line);
            }
            foreach (List<string> lines in RdtPlan.Writes(wanted))
                group.WriteSchemata(lines);
        });
        return new RdtChange(() =>
        {
            using OwnedFd held = system.Lock();
            group.WriteSchemata(before);
        });
    }
}
