using Rundlet.Init;
using Rundlet.Linux;
using Rundlet.Oci;
using Rundlet.Syscalls;

namespace Rundlet.Runtime.Planning;

/// <summary>
/// The ops of mounts, for a container that is being made and for one that runs. What belongs to the host is opened by the
/// parent, whose rights the child may not have: bind sources and user namespaces for id mappings. What belongs to the
/// container's namespaces, new file systems, is made by the child. Both are detached mounts until the last op, which
/// puts one on its destination by fd.
/// </summary>
internal sealed partial class MountPlanner : IDisposable
{
    private const uint MoveByFds = MOUNT.MOVE_MOUNT_F_EMPTY_PATH | MOUNT.MOVE_MOUNT_T_EMPTY_PATH;
    private const int SizeOfMountAttr = 32;
    private const uint FolderMode = 0x1ED; // 0755

    private readonly InitPlanBuilder _plan;
    private readonly PlanArg _root;
    private readonly LinuxSpec _linux;
    private readonly string _bundle;
    private readonly PlanData _empty;
    private readonly List<OwnedFd> _held = [];
    private readonly bool _userNamespace;

    /// <summary>Starts planning.</summary>
    /// <param name="plan">Where the ops go.</param>
    /// <param name="root">The container's root, in the child.</param>
    /// <param name="linux">The container's spec.</param>
    /// <param name="bundle">Relative bind sources are relative to this folder.</param>
    public MountPlanner(InitPlanBuilder plan, PlanArg root, LinuxSpec linux, string bundle)
    {
        _plan = plan;
        _root = root;
        _linux = linux;
        _bundle = bundle;
        _empty = plan.Text("");
        _userNamespace = (NamespaceTable.FlagsOf(linux.Namespaces) & CLONE.NEWUSER) != 0;
    }

    /// <summary>Whether the child is in the container's namespaces from the start: it finds nothing of the host's by path.</summary>
    public bool IsLive { get; init; }

    /// <summary>Detached mounts in the place of bind sources, by destination as the spec writes it.</summary>
    public IReadOnlyDictionary<string, OwnedFd>? DetachedSources { get; init; }

    /// <summary>A destination without dots, doubled or trailing slashes, and with one in front: a relative one is taken as beneath the root.</summary>
    public static string Normal(string destination)
    {
        List<string> parts = [];
        foreach (string part in destination.Split('/'))
        {
            if (part == "..")
                parts.RemoveRange(Math.Max(0, parts.Count - 1), Math.Min(1, parts.Count));
            else if (part is not ("" or "."))
                parts.Add(part);
        }
        return "/" + string.Join('/', parts);
    }

    /// <summary>Whether the mount is a bind.</summary>
    public static bool IsBind(Mount mount, MountOptions options) => options.Bind || mount.Type == "bind";

    /// <summary>Plans one mount of the spec, cgroups excepted.</summary>
    /// <exception cref="ContainerException">It asks for something impossible, or its source cannot be opened.</exception>
    /// <exception cref="LinuxException">As above.</exception>
    public void Add(Mount mount, MountOptions options)
    {
        if (options.Remount)
            Remount(mount, options);
        else if (IsBind(mount, options))
            Bind(mount, options);
        else
            FileSystem(mount, options, staysWritable: false);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (OwnedFd fd in _held)
            fd.Dispose();
        foreach ((_, OwnedFd fd) in _idMaps)
            fd.Dispose();
    }

    /// <summary>Ops that open a mount destination and make what is missing on the way.</summary>
    public PlanSlot Target(PlanSentence sentence, PlanArg root, string path, bool folder, uint mode, ulong resolve = 0, Tolerated? tolerated = null)
    {
        PlanSlot target = _plan.Slot();
        _plan.Add(sentence, OpCode.OpenTarget, target, 0, tolerated, null, [root, _plan.Text(path), folder ? 1 : 0, mode, (long)resolve]);
        return target;
    }

    /// <summary>Closes what a slot holds, if anything.</summary>
    public void Close(PlanSlot slot) => _plan.Call("close", null, new Tolerated(Errno.EBADF), SYS.close, slot);

    /// <summary>Puts a detached mount on a target.</summary>
    public void Move(PlanSentence sentence, PlanArg mount, PlanArg target) =>
        _plan.Call(sentence, SYS.move_mount, mount, _empty, target, _empty, MoveByFds);

    /// <summary>Changes a mount that the child has an fd of.</summary>
    public void SetAttributes(PlanSentence sentence, PlanArg mount, ulong set, ulong clear, ulong propagation, bool recursive)
    {
        mount_attr attributes = new() { attr_set = set, attr_clr = clear, propagation = propagation };
        _plan.Call(sentence, SYS.mount_setattr, mount, _empty, (long)(AT.EMPTY_PATH | (recursive ? AT.RECURSIVE : 0)), _plan.Struct(attributes), SizeOfMountAttr);
    }

    private PlanSlot OpenExisting(PlanSentence sentence, string path, long flags, params ReadOnlySpan<Tolerated> tolerated)
    {
        PlanSlot slot = _plan.Slot();
        open_how how = new() { flags = (ulong)(flags | O.PATH | O.CLOEXEC), resolve = RESOLVE.IN_ROOT | RESOLVE.NO_MAGICLINKS };
        _plan.Add(sentence, OpCode.SystemCall, slot, SYS.openat2, tolerated.Length > 0 ? tolerated[0] : null, tolerated.Length > 1 ? tolerated[1] : null,
            [_root, _plan.Text(path), _plan.Struct(how), 24]);
        return slot;
    }

    private OwnedFd Hold(OwnedFd fd)
    {
        _held.Add(fd);
        return fd;
    }

    // mount(8) on "remount": what the options name is changed, the rest stays. Attributes belong to the mount, all other words to
    // the file system beneath; that one may be the host's or another container's too, so "ro" stays with the mount.
    private void Remount(Mount mount, MountOptions options)
    {
        string destination = mount.Destination;
        PlanSlot target = OpenExisting($"open '{destination}' to mount it anew", destination, 0);
        if (!IsBind(mount, options) && options.Data.Count > 0)
        {
            PlanSlot context = _plan.Slot();
            _plan.Call($"open the file system on '{destination}' to mount it anew", context, SYS.fspick, target, _empty, (long)(MOUNT.FSPICK_CLOEXEC | MOUNT.FSPICK_EMPTY_PATH));
            foreach (string option in options.Data)
                Configure(context, $"what is mounted on '{destination}'", option);
            _plan.Call($"mount the file system on '{destination}' anew", SYS.fsconfig, context, MOUNT.FSCONFIG_CMD_RECONFIGURE, 0, 0, 0);
            Close(context);
        }
        string sentence = $"change the mount on '{destination}'";
        if ((options.Set | options.Clear) != 0)
            SetAttributes(sentence, target, options.Set, options.Clear, 0, recursive: false);
        if ((options.RecursiveSet | options.RecursiveClear) != 0)
            SetAttributes(sentence, target, options.RecursiveSet, options.RecursiveClear, 0, recursive: true);
        if (options.Propagation != 0)
            SetAttributes(sentence, target, 0, 0, options.Propagation, options.PropagationRecursive);
        Close(target);
    }
}
