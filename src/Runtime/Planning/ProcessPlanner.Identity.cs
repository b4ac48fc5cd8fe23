using System.Runtime.InteropServices;
using Rundlet.Init;
using Rundlet.Linux;
using Rundlet.Oci;
using Rundlet.Syscalls;

namespace Rundlet.Runtime.Planning;

internal sealed partial class ProcessPlanner
{
    private const uint DefaultUmask = 0x12; // 022
    private PlanData _candidates;
    private ProcessCapabilities _sets;

    /// <summary>Capabilities that the caller has to give; the rest of what is asked for is left out. All, in a new user namespace.</summary>
    public ulong CapabilityLimit { get; init; } = ulong.MaxValue;

    // The order is the kernel's: the bounding set needs CAP_SETPCAP, the ids need CAP_SETUID and CAP_SETGID, and only
    // then may the sets shrink to what the process gets.
    private void PlanIdentity()
    {
        ProcessCapabilities sets = ProcessCapabilities.From(process.Capabilities, CapabilityLimit);
        plan.Add("drop the bounding set", OpCode.DropBoundingSet, null, 0, null, null, [(long)sets.Bounding, 63 /* those that this build does not know yet too */]);
        plan.Call("keep capabilities across the change of user", SYS.prctl, PR.SET_KEEPCAPS, 1, 0, 0, 0);
        PlanIds();
        PlanCapabilities(sets);
        plan.Call("set the umask", SYS.umask, process.User.Umask ?? DefaultUmask);
    }

    private void PlanIds()
    {
        User user = process.User;
        uint[] groups = [.. user.AdditionalGids ?? []];
        PlanData list = plan.Data(MemoryMarshal.AsBytes<uint>(groups));
        // Always, even for none: the runtime's own groups must not stay (CVE-2022-2989 and its kin). A user namespace of
        // an unprivileged user denies setgroups; the process then has no groups of the container to lose.
        if (groups.Length == 0)
            plan.Call("set the additional groups", null, new Tolerated(Errno.EPERM), SYS.setgroups, 0, list);
        else
            plan.Call("set the additional groups", SYS.setgroups, groups.Length, list);
        plan.Call($"become group {user.Gid}", SYS.setresgid, user.Gid, user.Gid, user.Gid);
        plan.Call($"become user {user.Uid}", SYS.setresuid, user.Uid, user.Uid, user.Uid);
    }

    private void PlanCapabilities(ProcessCapabilities sets)
    {
        _sets = NeedsRightToFilter ? sets with { Permitted = sets.Permitted | RightToFilter } : sets;
        SetCapabilities("set the capabilities", _sets);
        plan.Call("clear the ambient capabilities", SYS.prctl, PR.CAP_AMBIENT, PR.CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
        for (int capability = 0; capability <= CapabilityTable.LastCapability; capability++)
        {
            if ((sets.Ambient >> capability & 1) != 0)
                plan.Call($"raise the ambient capability {capability}", SYS.prctl, PR.CAP_AMBIENT, PR.CAP_AMBIENT_RAISE, capability, 0, 0);
        }
    }

    private void SetCapabilities(string sentence, ProcessCapabilities sets)
    {
        cap_user_header header = new() { version = CAP.VERSION_3 };
        ReadOnlySpan<cap_user_data> data =
        [
            new() { effective = (uint)sets.Effective, permitted = (uint)sets.Permitted, inheritable = (uint)sets.Inheritable },
            new() { effective = (uint)(sets.Effective >> 32), permitted = (uint)(sets.Permitted >> 32), inheritable = (uint)(sets.Inheritable >> 32) },
        ];
        plan.Call(sentence, SYS.capset, plan.Struct(header), plan.Data(MemoryMarshal.AsBytes(data)));
    }

    // execvp(3): a name with a slash is a path, any other is looked up along PATH of the process' own environment.
    private void PlanExecutable()
    {
        string name = process.Args![0];
        List<string> candidates = [];
        if (name.Contains('/'))
        {
            candidates.Add(name);
        }
        else
        {
            foreach (string folder in PathOf(_variables).Split(':'))
                candidates.Add(folder.Length == 0 ? $"./{name}" : $"{folder}/{name}");
        }
        _candidates = plan.Vector(candidates);
        plan.Add($"exec: \"{name}\"", OpCode.FindExecutable, null, 0, null, null, [_candidates]);
    }

    private static string PathOf(List<string> environment)
    {
        foreach (string variable in environment)
        {
            if (variable.StartsWith("PATH=", StringComparison.Ordinal))
                return variable[5..];
        }
        return "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    }
}
