using System.Runtime.CompilerServices;

// The child must not clear kilobytes of stack for buffers that a system call fills.
[module: SkipLocalsInit]
