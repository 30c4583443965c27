"""The system calls that a sandboxed process may make; every other one is said not to exist.

The list starts from the one that Docker allows everybody. Left out of it are: the kernel's
keyring (no namespace separates it: a job would read the worker's keys), `ptrace`, `process_vm_*`,
`kcmp` and `pidfd_getfd` (other processes), `bpf`, `perf_event_open`, `userfaultfd` and `io_uring_*`
(a large surface that nothing here needs), everything that mounts or makes namespaces,
`open_by_handle_at` (files past the mounts), `personality`, `mknod`, System V and POSIX message
queues and shared memory, the clock's setting, modules, swap and reboot. Added are the three NUMA
calls that numerical libraries make.
"""

from __future__ import annotations

ALLOWED = """
accept accept4 access alarm arch_prctl bind brk cachestat capget capset chdir chown clock_getres
clock_gettime clock_nanosleep close close_range connect copy_file_range dup dup2 dup3
epoll_create epoll_create1 epoll_ctl epoll_pwait epoll_pwait2 epoll_wait eventfd eventfd2 execve
execveat exit exit_group faccessat faccessat2 fadvise64 fallocate fchdir fchown fchownat fcntl
fdatasync fgetxattr flistxattr flock fork fremovexattr fsetxattr fstat fstatfs fsync ftruncate futex
futex_waitv futimesat get_mempolicy get_robust_list get_thread_area getcpu getcwd getdents
getdents64 getegid geteuid getgid getgroups getitimer getpeername getpgid getpgrp getpid getppid
getpriority getrandom getresgid getresuid getrlimit getrusage getsid getsockname getsockopt gettid
gettimeofday getuid getxattr inotify_add_watch inotify_init inotify_init1 inotify_rm_watch ioprio_get
ioprio_set kill landlock_add_rule landlock_create_ruleset landlock_restrict_self lchown lgetxattr
link linkat listen listxattr llistxattr lremovexattr lseek lsetxattr lstat madvise mbind membarrier
memfd_create mincore mlock mlock2 mlockall mmap mprotect mremap msync munlock munlockall munmap
nanosleep newfstatat pause pidfd_open pidfd_send_signal pipe pipe2 pkey_alloc
pkey_free pkey_mprotect poll ppoll prctl pread64 preadv preadv2 prlimit64 pselect6 pwrite64 pwritev
pwritev2 read readahead readlink readlinkat readv recvfrom recvmmsg recvmsg remap_file_pages
removexattr rename renameat renameat2 restart_syscall rmdir rseq rt_sigaction rt_sigpending
rt_sigprocmask rt_sigqueueinfo rt_sigreturn rt_sigsuspend rt_sigtimedwait rt_tgsigqueueinfo
sched_get_priority_max sched_get_priority_min sched_getaffinity sched_getattr sched_getparam
sched_getscheduler sched_rr_get_interval sched_setaffinity sched_setattr sched_setparam
sched_setscheduler sched_yield seccomp select sendfile sendmmsg sendmsg sendto set_mempolicy
set_robust_list set_thread_area set_tid_address setfsgid setfsuid setgid setgroups setitimer setpgid
setpriority setregid setresgid setresuid setreuid setrlimit setsid setsockopt setuid setxattr
shutdown sigaltstack signalfd signalfd4 socketpair splice stat statfs statx symlink symlinkat sync
sync_file_range syncfs sysinfo tee tgkill time timer_create timer_delete timer_getoverrun
timer_gettime timer_settime timerfd_create timerfd_gettime timerfd_settime times tkill truncate umask
uname unlink unlinkat utime utimensat utimes vfork vmsplice wait4 waitid write writev
""".split()  # noqa: SIM905 - one name after another reads better in lines

WITH_MODE = {
    "chmod": 1, "fchmod": 1, "fchmodat": 2, "fchmodat2": 2, "creat": 1, "mkdir": 1, "mkdirat": 2,
    "open": 2, "openat": 3,
}  # fmt: skip
"""Calls that set a file's mode, and which argument it is: never the set-user-id or -group-id bit."""

SET_ID_BITS = 0o6000
NEW_NAMESPACES = 0x7E020080
"""Every CLONE_NEW… flag."""
UNIX_SOCKETS = 1
PUSH_INPUT = 0x5412
"""TIOCSTI: types into the terminal of whoever started the process."""
MEMORY_FILES = "memfd_create"
"""Left out where no control group bounds the memory, which no other limit counts for these."""
