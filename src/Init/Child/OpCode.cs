namespace Rundlet.Init;

// What belongs in this project: the list of operations that a new process carries out between clone3 and execve.
// Plan/ runs in the parent and may do anything; Child/ runs in the child and may do nothing but system calls.
//
//   parent                                            child
//   ------                                            -----
//   InitPlanBuilder: ops, strings, fds -> one block
//   InitProcess.Start: clone3 ----------------------> ContainerInit.Run: a loop and a switch over the ops
//   uid and gid maps, cgroups                         unshare, mounts, …
//   Release() -- one byte ------------------------->  Await
//   <------------------------ {op, 0} --------------  Checkpoint: came this far
//   <------------------------ {op, errno} ----------  an op failed: the parent says the op's sentence
//   <------------------------ end of file ----------  execve has happened (close-on-exec), or the child was killed

/// <summary>What an op of the plan does. All but <see cref="SystemCall"/> are short sequences that need a loop or a decision.</summary>
public enum OpCode : ushort
{
    /// <summary>One system call with up to six arguments; the answer goes to a slot where one is named.</summary>
    SystemCall,

    /// <summary>Goes on at the op whose index is argument 0.</summary>
    Jump,

    /// <summary>Goes on at the op whose index is argument 0 where argument 1 is 0 or more; argument 1 is a slot.</summary>
    JumpIfSet,

    /// <summary>
    /// Opens (O_PATH) a mount destination beneath a root and makes what is missing. Arguments: root fd, path,
    /// 1 for a folder or 0 for a file, mode of what is made, RESOLVE_* flags beyond those of the house.
    /// </summary>
    OpenTarget,

    /// <summary>Gives the folder with fd argument 1 the permission bits of the folder with fd argument 0.</summary>
    CopyMode,

    /// <summary>
    /// Copies what is below the folder with fd argument 0 into the folder with fd argument 1, by fds, never through a link. Argument 2:
    /// whether the folder itself gets the permission bits and owner too.
    /// </summary>
    CopyTree,

    /// <summary>Fails with EEXIST where the name argument 1 in the folder argument 0 is not a node of type argument 2 and number argument 3.</summary>
    CheckNode,

    /// <summary>Waits for one byte on fd argument 0; at end of file (the other side died) the child ends.</summary>
    Await,

    /// <summary>As <see cref="Await"/> on fd argument 0, for a child that shares its fds with the other side: ends when the process of pidfd argument 1 does.</summary>
    AwaitPeer,

    /// <summary>Goes on with the plan whose address is argument 0, a slot that the parent wrote: only where the memory is shared.</summary>
    FollowPlan,

    /// <summary>Tells the parent on the status fd that this op was reached.</summary>
    Checkpoint,

    /// <summary>From here on the status goes to fd argument 0, because the parent is about to leave.</summary>
    RedirectStatus,

    /// <summary>Sends fd argument 1 over the socket argument 0 as SCM_RIGHTS; argument 2 is the message block.</summary>
    SendFd,

    /// <summary>Default actions for all signals, and none blocked.</summary>
    ResetSignals,

    /// <summary>Finds the first candidate of the list in argument 0 that is an executable file, as execvp(3) looks for it.</summary>
    FindExecutable,

    /// <summary>execve(2) of what <see cref="FindExecutable"/> found. Arguments: the list, argv, envp.</summary>
    Execute,

    /// <summary>Drops all of the bounding set up to capability argument 1 that is not in the mask argument 0.</summary>
    DropBoundingSet,

    /// <summary>
    /// clone3(2): the new process goes on with the next op, this one sends the pidfd of it and ends. Arguments: clone_args,
    /// their size, where the pidfd comes to stand, the socket, the message block as for <see cref="SendFd"/>.
    /// </summary>
    CloneSuccessor,

    /// <summary>
    /// Looks the home folder of a user up. Arguments: the passwd(5) file, the uid, where the folder goes (what stands
    /// there stays where the user or the file is missing), the room there in bytes.
    /// </summary>
    FindHome,

    /// <summary>Fails with EXDEV where the working folder is outside of the root.</summary>
    CheckWorkingDirectory,

    /// <summary>
    /// Forks a process for a hook: it carries out the ops that follow, up to an execve, and this one waits for its end
    /// and goes on at the op whose index is argument 0. Argument 1 is a timespec, the longest wait; negative seconds
    /// wait for ever. A hook that fails is answered as <see cref="HookStatus"/> says.
    /// </summary>
    RunHook,

    /// <summary>Writes the process' own pid to address argument 0, in digits and with a NUL behind: twelve bytes of room.</summary>
    WritePid,
}
