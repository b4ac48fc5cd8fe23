using Rundlet.Init;

namespace Rundlet.Runtime.Planning;

internal sealed partial class ContainerPlanner
{
    // The host's tree is still the root, in which the paths of createContainer hooks are looked up, while namespaces and
    // mounts are the container's.
    private void PlanCreateHooks()
    {
        if (_inputs.AwaitsHooks)
        {
            AwaitCgroup(); // a hook may want to change the device rules
            HookCheckpoint = _plan.Checkpoint("get ready for the hooks");
            _plan.Await("wait for the hooks", _inputs.Line);
        }
        if (_inputs.Hooks is not { } hooks || !hooks.Has(HookPoint.CreateContainer))
            return;
        AwaitCgroup();
        hooks.Plan(_plan, HookPoint.CreateContainer, _root);
    }

    // The checkpoint behind them tells a container that was killed in a hook from one whose program runs: both close the line.
    private void PlanStartHooks()
    {
        if (_inputs.Hooks is not { } hooks || !hooks.Has(HookPoint.StartContainer))
            return;
        hooks.Plan(_plan, HookPoint.StartContainer, null);
        _plan.Checkpoint("get ready after the hooks");
    }
}
