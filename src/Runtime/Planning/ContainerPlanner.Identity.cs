using Rundlet.Init;
using Rundlet.Linux;
using Rundlet.Oci;
using Rundlet.Syscalls;

namespace Rundlet.Runtime.Planning;

internal sealed partial class ContainerPlanner
{
    private void PlanIdentity()
    {
        _plan.Add("reset the signals", OpCode.ResetSignals, null, 0, null, null, []);
        if (_inputs.Lock is { } fd)
            _plan.Call("let go of the creator's lock", SYS.close, fd);
        if (IsNew("user"))
        {
            CloneFlags |= CLONE.NEWUSER;
            AwaitsMaps = true;
            _plan.Await("wait for the id maps", _inputs.Line);
            BecomeRootOfUserNamespace();
        }
        // Whatever namespaces the child joins, nobody in there may trace it or look at its fds (CVE-2016-9962).
        _plan.Call("become untraceable", SYS.prctl, PR.SET_DUMPABLE, 0);
        _plan.Call("lead a session", null, new Tolerated(Errno.EPERM), SYS.setsid);
        PlanJoins();
        PlanUnshares();
        PlanNames();
        if (!_inputs.KeepKeyring)
            _plan.Call("join a session keyring", null, new Tolerated(Errno.ENOSYS), new Tolerated(Errno.EDQUOT), SYS.keyctl, KEYCTL.JOIN_SESSION_KEYRING, _plan.Text($"_ses.{_inputs.Id}"));
    }

    private void BecomeRootOfUserNamespace()
    {
        // EINVAL: the map has no id 0; the process' own ids are set at the end in any case.
        _plan.Call("become group 0 of the user namespace", null, new Tolerated(Errno.EINVAL), SYS.setresgid, 0, 0, 0);
        _plan.Call("become user 0 of the user namespace", null, new Tolerated(Errno.EINVAL), SYS.setresuid, 0, 0, 0);
    }

    private void PlanJoins()
    {
        foreach ((string word, ulong flag, string file) in NamespaceTable.All)
        {
            if (word == "network" && _inputs.NetworkNamespace is { } network)
            {
                _plan.Call("join the network namespace", SYS.setns, network.Value, (long)flag);
                continue;
            }
            if (Find(word) is not { Path: { Length: > 0 } path })
                continue;
            OwnedFd fd = Hold(OpenNamespace(word, path));
            if (IsCallers(fd, file))
                _shared |= flag;
            if (word == "pid")
            {
                PidNamespace = fd; // takes effect on children only: the parent joins around clone3
                continue;
            }
            _plan.Call($"join the {word} namespace '{path}'", SYS.setns, fd.Value, (long)flag);
            if (word == "user")
                BecomeRootOfUserNamespace();
        }
    }

    private static OwnedFd OpenNamespace(string word, string path)
    {
        int fd = Sys.openat(Sys.AT_FDCWD, path, O.RDONLY);
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

    private void PlanUnshares()
    {
        ulong flags = 0;
        foreach ((string word, ulong flag, _) in NamespaceTable.All)
        {
            if (!IsNew(word) || word is "user" or "cgroup" or "time")
                continue;
            if (word == "pid")
                CloneFlags |= flag;
            else
                flags |= flag;
        }
        // In the child and not in clone3: here it runs beside the parent's work on the cgroups.
        _plan.Call("unshare the namespaces", SYS.unshare, (long)flags);
    }

    private void PlanNames()
    {
        if ((_shared & CLONE.NEWUTS) != 0 && (_spec.Hostname is { Length: > 0 } || _spec.Domainname is { Length: > 0 }))
            throw new ContainerException(ContainerErrorKind.InvalidArgument, "hostname and domainname need a uts namespace that is not the host's");
        if (_spec.Hostname is { Length: > 0 } host)
            _plan.Call($"set the hostname '{host}'", SYS.sethostname, _plan.Text(host), System.Text.Encoding.UTF8.GetByteCount(host));
        if (_spec.Domainname is { Length: > 0 } domain)
            _plan.Call($"set the domain name '{domain}'", SYS.setdomainname, _plan.Text(domain), System.Text.Encoding.UTF8.GetByteCount(domain));
    }
}
