using System.Text;
using Rundlet.Init;
using Rundlet.Linux.Labels;
using Rundlet.Syscalls;

namespace Rundlet.Runtime.Planning;

/// <summary>AppArmor profile, SELinux label, and the session keyring, which carries the label too.</summary>
internal sealed partial class ProcessPlanner
{
    /// <summary>How the sentence starts for the op that fails where a profile is not loaded.</summary>
    public const string ProfileSentence = "set the AppArmor profile";

    /// <summary>How the sentence starts for the op that fails where the policy does not know a label.</summary>
    public const string LabelSentence = "set the SELinux label";

    // What the keyring's owner may do without possessing it: KEY_POS_ALL | KEY_USR_VIEW | _READ | _SEARCH | _LINK (keyctl(2)).
    private const uint KeyringPermissions = 0x3f1b_0000;

    /// <summary>The fd of <see cref="ProcessLabels.Open"/>, for a process with labels.</summary>
    public int LabelProc { get; init; } = -1;

    /// <summary>Sets what execve changes to. Comes first: the labels go through the host's procfs.</summary>
    public void PlanLabels()
    {
        if (LabelProc < 0)
            return;
        if (process.ApparmorProfile is { Length: > 0 } profile && (profile != ProcessLabels.Unconfined || SecurityModules.HasAppArmor))
            WriteAttribute("attr/apparmor/exec", "attr/exec", $"exec {profile}", $"{ProfileSentence} '{profile}'");
        if (process.SelinuxLabel is { Length: > 0 } label)
            WriteAttribute("attr/exec", null, label, $"{LabelSentence} '{label}'");
    }

    /// <summary>
    /// Leaves the caller's session keyring for the container's, whose name <c>exec</c> finds again; without the right to search it
    /// there it would make another. A caller whose quota of keys is full is told so: staying in its keyring would show it inside.
    /// </summary>
    public void PlanKeyring(string name)
    {
        bool labelled = LabelProc >= 0 && process.SelinuxLabel is { Length: > 0 };
        if (labelled)
            WriteAttribute("attr/keycreate", null, process.SelinuxLabel!, $"label the session keyring '{process.SelinuxLabel}'");
        PlanSlot keyring = plan.Slot();
        PlanLabel without = plan.Label();
        plan.Call("join a session keyring", keyring, new Tolerated(Errno.ENOSYS, without), SYS.keyctl, KEYCTL.JOIN_SESSION_KEYRING, plan.Text(name));
        plan.Call("let the container find its session keyring", null, new Tolerated(Errno.EACCES), SYS.keyctl, KEYCTL.SETPERM, keyring, KeyringPermissions);
        plan.Place(without);
        if (labelled)
            WriteAttribute("attr/keycreate", null, "\n", "end labelling keyrings");
    }

    private void WriteAttribute(string file, string? older, string value, string sentence)
    {
        PlanSlot fd = plan.Slot();
        open_how how = new() { flags = O.WRONLY | O.CLOEXEC, resolve = RESOLVE.BENEATH | RESOLVE.NO_MAGICLINKS | RESOLVE.NO_XDEV };
        string opening = $"open '/proc/thread-self/{file}'";
        if (older is null)
        {
            plan.Call(opening, fd, SYS.openat2, LabelProc, plan.Text($"thread-self/{file}"), plan.Struct(how), 24);
        }
        else
        {
            PlanLabel other = plan.Label();
            PlanLabel write = plan.Label();
            plan.Call(opening, fd, new Tolerated(Errno.ENOENT, other), SYS.openat2, LabelProc, plan.Text($"thread-self/{file}"), plan.Struct(how), 24);
            plan.Jump(write);
            plan.Place(other);
            plan.Call(opening, fd, SYS.openat2, LabelProc, plan.Text($"thread-self/{older}"), plan.Struct(how), 24);
            plan.Place(write);
        }
        plan.Call(sentence, SYS.write, fd, plan.Text(value), Encoding.UTF8.GetByteCount(value));
        plan.Call("close", SYS.close, fd);
    }
}
