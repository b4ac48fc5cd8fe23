using Rundlet.Init;
using Rundlet.Syscalls;

namespace Rundlet.Runtime.Planning;

internal sealed partial class ProcessPlanner
{
    /// <summary>
    /// Opens a pty of the devpts at <paramref name="path"/>. Whatever an image or a hostile container has put there
    /// instead is no pty master and fails the ioctls.
    /// </summary>
    public (PlanSlot Master, PlanSlot Slave) OpenTerminal(PlanArg root, string path)
    {
        PlanSlot master = plan.Slot();
        PlanSlot slave = plan.Slot();
        open_how how = new() { flags = O.RDWR | O.NOCTTY | O.NONBLOCK | O.CLOEXEC, resolve = RESOLVE.IN_ROOT | RESOLVE.NO_MAGICLINKS | RESOLVE.NO_SYMLINKS };
        plan.Call($"open a terminal on '{path}'", master, SYS.openat2, root, plan.Text(path), plan.Struct(how), 24);
        plan.Call("make the terminal blocking", SYS.fcntl, master, F.SETFL, O.RDWR);
        plan.Call("unlock the terminal", SYS.ioctl, master, TIO.SPTLCK, plan.Struct(0));
        plan.Call("open the other side of the terminal", slave, SYS.ioctl, master, TIO.GPTPEER, O.RDWR | O.NOCTTY | O.CLOEXEC);
        plan.Call("give the terminal to the user", null, new Tolerated(Errno.EPERM), new Tolerated(Errno.EINVAL), SYS.fchown, slave, process.User.Uid, -1);
        if (process.ConsoleSize is { } size)
        {
            winsize window = new() { ws_row = (ushort)Math.Min(size.Height, ushort.MaxValue), ws_col = (ushort)Math.Min(size.Width, ushort.MaxValue) };
            plan.Call("set the size of the terminal", SYS.ioctl, slave, TIO.SWINSZ, plan.Struct(window));
        }
        return (master, slave);
    }

    /// <summary>Sends the master side to the parent and makes the other one the controlling terminal and stdio.</summary>
    /// <returns>The index of the op whose message carries the fd.</returns>
    public int HandOverTerminal(PlanSlot master, PlanSlot slave, int line)
    {
        PlanData message = FdMessage(plan.Count);
        int index = plan.Add("hand the terminal over", OpCode.SendFd, null, 0, null, null, [line, master, message]);
        plan.Call("close", SYS.close, master);
        plan.Call("make it the controlling terminal", SYS.ioctl, slave, TIO.SCTTY, 0);
        for (int fd = 0; fd < 3; fd++)
            plan.Call("set up stdio", SYS.dup3, slave, fd, 0);
        plan.Call("close", SYS.close, slave);
        return index;
    }

    // One msghdr with a status record as data, and room for one fd, which the child fills in.
    private PlanData FdMessage(int op)
    {
        PlanData record = plan.Struct(new StatusRecord { Op = op });
        PlanData part = plan.Struct(new iovec { iov_len = 8 });
        plan.Pointer(part, 0, record);
        PlanData control = plan.Data(new byte[24]);
        plan.Overwrite(control, new cmsghdr { cmsg_len = 20, cmsg_level = SOL.SOCKET, cmsg_type = SCM.RIGHTS });
        PlanData message = plan.Struct(new msghdr { msg_iovlen = 1, msg_controllen = 24 });
        plan.Pointer(message, 16, part);
        plan.Pointer(message, 32, control);
        return message;
    }
}
