using Rundlet.Init;
using Rundlet.Syscalls;

namespace Rundlet.Runtime.Planning;

/// <summary>
/// The filter. With no_new_privs it is loaded last of all. Without, it takes CAP_SYS_ADMIN, which stays among the permitted until
/// all is done that a profile need not know of; execve gives the program its sets anew, and only what the bounding set holds. A filter
/// that notifies has to be on before the parent leaves, because the parent passes its listener on:
///
///   child                                parent                        listener
///   seccomp(2): a fd
///   sendmsg(2) of it -----------------> connected before the clone
///                                        process state, fd ----------> answers from here on
///   write, read, execve: under the filter
/// </summary>
internal sealed partial class ProcessPlanner
{
    private byte[]? _seccomp;

    /// <summary><c>SECCOMP_FILTER_FLAG_*</c> for the filter; <c>NEW_LISTENER</c> where it notifies.</summary>
    public uint SeccompFlags { get; init; }

    /// <summary>The child's end of the line to the parent, for a filter that notifies.</summary>
    public int SeccompLine { get; init; } = -1;

    /// <summary>The index of the op whose message carries the listener, or -1.</summary>
    public int ListenerOp { get; private set; } = -1;

    private const ulong RightToFilter = 1UL << (int)CAP.SYS_ADMIN;

    private bool NeedsRightToFilter => _seccomp is not null && !process.NoNewPrivileges;

    private bool Notifies => _seccomp is not null && (SeccompFlags & SECCOMP.FILTER_FLAG_NEW_LISTENER) != 0;

    /// <summary>
    /// Loads the filter, unless it can wait for execve: one that notifies, as the parent will not be there at the end, and one
    /// without no_new_privs, whose failure then is one of create. From here on the process makes the fewest calls that there can be.
    /// </summary>
    public void LoadEarlyFilter()
    {
        if (NeedsRightToFilter)
            SetCapabilities("take the right to load the seccomp filter", _sets with { Effective = _sets.Effective | RightToFilter });
        if (NeedsRightToFilter || Notifies)
            PlanSeccomp();
    }

    private void PlanSeccomp()
    {
        if (_seccomp is not { } program)
            return;
        PlanData code = plan.Data(program);
        PlanData head = plan.Struct(new sock_fprog { len = (ushort)(program.Length / 8) });
        plan.Pointer(head, 8, code);
        if (!Notifies)
        {
            plan.Call("load the seccomp filter", SYS.seccomp, SECCOMP.SET_MODE_FILTER, SeccompFlags, head);
            return;
        }
        PlanSlot listener = plan.Slot(); // close-on-exec from birth; closing it here would be one more call under the filter
        plan.Call("load the seccomp filter", listener, SYS.seccomp, SECCOMP.SET_MODE_FILTER, SeccompFlags, head);
        PlanData message = FdMessage(plan.Count);
        ListenerOp = plan.Add("hand the seccomp listener over", OpCode.SendFd, null, 0, null, null, [SeccompLine, listener, message]);
    }
}
