using System.Globalization;
using System.Text;
using Rundlet.Init;
using Rundlet.Oci;
using Rundlet.Syscalls;

namespace Rundlet.Runtime.Planning;

internal sealed partial class ContainerPlanner
{
    // unshare(2) makes the namespace for children only. The child enters it by the file of that name, which a process of one
    // thread may do, so that no second clone is needed: time_namespaces(7). Its offsets can be set until somebody is in it.
    private void PlanTime()
    {
        if (!IsNew("time"))
            return;
        _plan.Call("unshare the time namespace", SYS.unshare, (long)CLONE.NEWTIME);
        PlanSlot file = _plan.Slot();
        if (_linux.TimeOffsets is { Count: > 0 } offsets)
        {
            string text = TextOf(offsets);
            _plan.Call("open /proc/self/timens_offsets", file, SYS.openat, Sys.AT_FDCWD, _plan.Text("/proc/self/timens_offsets"), O.WRONLY | O.CLOEXEC);
            _plan.Call("set linux.timeOffsets", SYS.write, file, _plan.Text(text), Encoding.ASCII.GetByteCount(text));
            Close(file);
        }
        _plan.Call("open the time namespace", file, SYS.openat, Sys.AT_FDCWD, _plan.Text("/proc/self/ns/time_for_children"), O.RDONLY | O.CLOEXEC);
        _plan.Call("enter the time namespace", SYS.setns, file, (long)CLONE.NEWTIME);
        Close(file);
    }

    private static string TextOf(Dictionary<string, TimeOffset> offsets)
    {
        StringBuilder text = new();
        foreach ((string clock, TimeOffset offset) in offsets)
            text.Append(CultureInfo.InvariantCulture, $"{clock} {offset.Secs} {offset.Nanosecs}\n");
        return text.ToString();
    }
}
