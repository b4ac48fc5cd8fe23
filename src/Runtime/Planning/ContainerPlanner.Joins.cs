using Rundlet.Init;
using Rundlet.Linux;
using Rundlet.Oci;
using Rundlet.Syscalls;

namespace Rundlet.Runtime.Planning;

/// <summary>
/// Namespaces by path, and the user namespace, which decides over the rest: joining needs rights over the owner of a
/// namespace, and what is made belongs to the user namespace that its maker is in.
///
///   no user namespace         the parent enters a pid namespace around clone3; the child joins the others
///   a new one, no paths       clone3 makes it
///   a new one, and paths      the child joins with the caller's rights, then clones the process that is in the new one
///   one by path               the child joins what it may with the caller's rights, the user namespace, then the rest; where a
///                             pid namespace is listed it clones the process that is in there
/// </summary>
internal sealed partial class ContainerPlanner
{
    /// <summary>The op by which the child clones the container's process, as a sibling of itself; -1 where it is that process.</summary>
    public int SuccessorOp { get; private set; } = -1;

    /// <summary>The index of the op at which network devices can be moved in, or -1.</summary>
    public int NetDevicesCheckpoint { get; private set; } = -1;

    /// <summary>Whether the container's first process is the only one in its pid namespace, and clones no other.</summary>
    public bool IsAlone => SuccessorOp < 0 && (CloneFlags & CLONE.NEWPID) != 0 && Find("time") is null;

    /// <summary>A namespace to join: the spec's word and path, the kernel's flag, the file, and whether it is joined yet.</summary>
    private sealed record Join(string Word, string Path, ulong Flag, OwnedFd Fd, PlanSlot Joined);

    private void PlanNamespaces()
    {
        bool newUser = IsNew("user");
        List<Join> others = OpenJoins(out Join? user);
        bool clonesAgain = user is not null ? Find("pid") is not null : newUser && others.Count > 0;
        if (newUser && !clonesAgain)
        {
            CloneFlags |= CLONE.NEWUSER;
            EnterNewUserNamespace();
        }
        // Whatever namespaces the child joins, nobody in there may trace it or look at its fds (CVE-2016-9962).
        _plan.Call("become untraceable", SYS.prctl, PR.SET_DUMPABLE, 0);
        if (user is null && !newUser)
            PlanTime();
        if (user is null)
            PlanJoins(others, inChild: clonesAgain);
        else
            PlanUserJoin(user, others);
        if (clonesAgain)
            SuccessorOp = _steps.CloneSuccessor((newUser ? CLONE.NEWUSER : 0) | (IsNew("pid") ? CLONE.NEWPID : 0), _inputs.Line);
        else if (IsNew("pid"))
            CloneFlags |= CLONE.NEWPID;
        if (newUser && clonesAgain)
            EnterNewUserNamespace();
        if (user is not null)
            _plan.BecomeRootOfUserNamespace();
        _plan.Call("lead a session", null, new Tolerated(Errno.EPERM), SYS.setsid);
        if (!newUser || !KeepsIds)
        {
            PlanUnshares(ulong.MaxValue);
            PlanNetDevices();
            return;
        }
        PlanUnshares(~CLONE.NEWIPC);
        PlanNetDevices();
        AwaitCgroup();
        _plan.BecomeRootOfUserNamespace();
        PlanUnshares(CLONE.NEWIPC); // its queues belong to whoever makes it
    }

    // The files of the host's cgroups are the host root's, and so is the child until it takes the ids of its user namespace: it moves
    // itself before. Moving it from outside waits for every processor.
    private bool KeepsIds => _inputs.TaskFiles.Count > 0;

    // The parent moves devices of the host into the namespace before anything is said of them, such as a sysctl.
    private void PlanNetDevices()
    {
        if (_linux.NetDevices is not { Count: > 0 })
            return;
        if ((_shared & CLONE.NEWNET) != 0)
            throw new ContainerException(ContainerErrorKind.InvalidArgument, "linux.netDevices needs a network namespace that is not the host's");
        NetDevicesCheckpoint = _plan.Checkpoint("have a network namespace");
        _plan.Await("wait for the network devices", _inputs.Line);
    }

    private void EnterNewUserNamespace()
    {
        AwaitsMaps = true;
        _plan.Await("wait for the id maps", _inputs.Line);
        PlanTime(); // before the change of ids, which makes /proc/self the host root's
        if (!KeepsIds)
            _plan.BecomeRootOfUserNamespace();
    }

    private List<Join> OpenJoins(out Join? user)
    {
        List<Join> others = [];
        user = null;
        foreach ((string word, ulong flag, string file) in NamespaceTable.All)
        {
            if (word == "network" && _inputs.NetworkNamespace is { } network)
            {
                others.Add(new Join(word, "", flag, network, _plan.Slot()));
                continue;
            }
            if (Find(word) is not { Path: { Length: > 0 } path })
                continue;
            OwnedFd fd = Hold(OpenNamespace(word, path));
            bool shared = IsCallers(fd, file);
            if (shared)
                _shared |= flag;
            if (word != "user")
                others.Add(new Join(word, path, flag, fd, _plan.Slot()));
            else if (!shared) // setns(2) into the own one is EINVAL
                user = new Join(word, path, flag, fd, default);
        }
        return others;
    }

    private void PlanJoins(List<Join> joins, bool inChild)
    {
        foreach (Join join in joins)
        {
            if (join.Flag == CLONE.NEWPID && !inChild)
                PidNamespace = join.Fd; // takes effect on children only: the parent joins around clone3
            else
                _plan.Call(SentenceOf(join), SYS.setns, join.Fd.Value, (long)join.Flag);
        }
    }

    // A pod's network namespace may belong to the host and its ipc namespace to the user namespace: what cannot be joined with
    // the caller's rights is joined with those in the user namespace.
    private void PlanUserJoin(Join user, List<Join> others)
    {
        foreach (Join join in others)
            _plan.Call(SentenceOf(join), join.Joined, new Tolerated(Errno.EPERM), SYS.setns, join.Fd.Value, (long)join.Flag);
        _plan.Call(SentenceOf(user), SYS.setns, user.Fd.Value, (long)user.Flag);
        PlanTime();
        foreach (Join join in others)
        {
            PlanLabel done = _plan.Label();
            _plan.JumpIfSet(join.Joined, done);
            _plan.Call(SentenceOf(join), SYS.setns, join.Fd.Value, (long)join.Flag);
            _plan.Place(done);
        }
    }

    private static string SentenceOf(Join join) => join.Path.Length == 0 ? $"join the {join.Word} namespace" : $"join the {join.Word} namespace '{join.Path}'";

    private static OwnedFd OpenNamespace(string word, string path)
    {
        // A pipe or a device would make it wait; what is no namespace fails the checks that follow.
        int fd = Sys.openat(Sys.AT_FDCWD, path, O.RDONLY | O.NONBLOCK | O.NOCTTY);
        if (Sys.Is(fd, Errno.ENOENT))
            throw new ContainerException(ContainerErrorKind.InvalidArgument, $"linux.namespaces: no {word} namespace at '{path}'");
        return OwnedFd.FromAnswer(fd, $"open {word} namespace", path);
    }

    // Joining by path is as good as not having a namespace where it is the caller's own: a hostname or sysctl would change the host.
    private static bool IsCallers(OwnedFd joined, string file)
    {
        string own = $"/proc/self/ns/{file}";
        LinuxException.ThrowIfError(Sys.statx(joined.Value, "", AT.EMPTY_PATH, STATX.INO, out statx_t theirs), "stat namespace", file);
        LinuxException.ThrowIfError(Sys.statx(Sys.AT_FDCWD, own, 0, STATX.INO, out statx_t ours), "stat namespace", own);
        return theirs.stx_ino == ours.stx_ino && theirs.stx_dev_major == ours.stx_dev_major && theirs.stx_dev_minor == ours.stx_dev_minor;
    }
}
