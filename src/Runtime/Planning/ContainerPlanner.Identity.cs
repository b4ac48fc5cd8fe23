using Rundlet.Init;
using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Runtime.Planning;

internal sealed partial class ContainerPlanner
{
    private void PlanIdentity()
    {
        if (!_inputs.StartedEarly)
            _plan.Add("reset the signals", OpCode.ResetSignals, null, 0, null, null, []);
        if (_inputs.Lock is { } fd)
            _plan.Call("let go of the creator's lock", SYS.close, fd);
        _steps.PlanLabels();
        if (Sys.geteuid() != 0)
            _steps.PlanOomScore();
        if (_inputs.StartedEarly)
            PlanNetDevices(); // EarlyPlan did what comes before; there is no namespace to join
        else
            PlanNamespaces();
        PlanNames();
        if (!_inputs.KeepKeyring)
            _steps.PlanKeyring(SessionKeyring.NameOf(_inputs.Id));
    }

    private int OpenLabelProc()
    {
        if (ProcessLabels.Open(_process) is not { } proc)
            return -1;
        _held.Add(proc);
        return proc.Fd;
    }

    private void PlanUnshares(ulong among)
    {
        ulong flags = 0;
        foreach ((string word, ulong flag, _) in NamespaceTable.All)
        {
            if (IsNew(word) && word is not ("user" or "pid" or "cgroup" or "time"))
                flags |= flag;
        }
        // In the child and not in clone3: here it runs beside the parent's work on the cgroups.
        if ((flags & among) != 0)
            _plan.Call("unshare the namespaces", SYS.unshare, (long)(flags & among));
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
