"""The jail: takes from this process everything that reading does not need, for good.

Takes limits on memory and CPU time; what was open stays open, what was loaded can be used, nothing else can be had. A seccomp
filter alone denies network, files, signals, exec, fork and new limits; Landlock denies files once more (any ABI from 1); root
becomes nobody. `confine` raises OSError where the machine cannot do one of them; `weak` then goes without it.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import resource
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from types import MappingProxyType

NOBODY = 65_534  # user and group; the kernel's own overflow IDs

_LIBC = ctypes.CDLL(None, use_errno=True)
# libffi makes room for some dozens of callbacks (pypdfium2 writes through one) at the first; later it may not make any
_ROOM_FOR_CALLBACKS = ctypes.CFUNCTYPE(None)(lambda: None)
_PR_SET_DUMPABLE, _PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS = 4, 22, 38  # prctl(2)
_SECCOMP_MODE_FILTER = 2
_PROT_EXEC = 4

# seccomp(2), linux/seccomp.h: a classic BPF program over struct seccomp_data {int nr; __u32 arch; __u64 ip, args[6]}
_LOAD, _EQUAL, _AT_LEAST, _BITS, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER, _ARCHITECTURE, _THIRD_ARGUMENT = 0, 4, 32
_ALLOW, _KILL, _REFUSE = 0x7FFF0000, 0x80000000, 0x00050000
_X32 = 0x40000000  # x86_64 has a second table of calls from here on

# landlock(7): the rights over files that each ABI brought
_LANDLOCK_CREATE, _LANDLOCK_RESTRICT = 444, 446  # the same on every architecture
_FILE_RIGHTS = ((1, 0x1FFF), (2, 0x2000), (3, 0x4000), (5, 0x8000))


@dataclass(frozen=True, slots=True)
class Calls:
    """One architecture's system calls: those a reading needs, those that end it, those that map memory."""

    audit: int  # its AUDIT_ARCH of linux/audit.h
    allowed: MappingProxyType[str, int]
    deadly: MappingProxyType[str, int]
    mapping: MappingProxyType[str, int]
    clone3: int = 435


def _table(text: str) -> MappingProxyType[str, int]:
    words = text.split()
    return MappingProxyType(dict(zip(words[::2], map(int, words[1::2]), strict=True)))


# From asm/unistd_64.h and asm-generic/unistd.h. What is deadly is of use to an intruder only; a decoder never asks for it.
CALLS = MappingProxyType(
    {
        "x86_64": Calls(
            0xC000003E,
            _table(
                "read 0 write 1 close 3 poll 7 lseek 8 munmap 11 brk 12 rt_sigaction 13 rt_sigprocmask 14 rt_sigreturn 15 "
                "readv 19 writev 20 sched_yield 24 mremap 25 madvise 28 nanosleep 35 getitimer 36 setitimer 38 getpid 39 "
                "sendto 44 recvfrom 45 exit 60 uname 63 gettimeofday 96 getrusage 98 sysinfo 99 getuid 102 getgid 104 "
                "geteuid 107 getegid 108 getppid 110 sigaltstack 131 gettid 186 time 201 futex 202 sched_getaffinity 204 "
                "restart_syscall 219 clock_gettime 228 clock_getres 229 clock_nanosleep 230 exit_group 231 ppoll 271 "
                "set_robust_list 273 getrandom 318 membarrier 324 rseq 334"
            ),
            _table(
                "execve 59 ptrace 101 mount 165 init_module 175 kexec_load 246 add_key 248 request_key 249 keyctl 250 "
                "unshare 272 perf_event_open 298 open_by_handle_at 304 setns 308 process_vm_readv 310 process_vm_writev 311 "
                "finit_module 313 bpf 321 execveat 322 userfaultfd 323 io_uring_setup 425 pidfd_getfd 438"
            ),
            _table("mmap 9 mprotect 10"),
        ),
        "aarch64": Calls(
            0xC00000B7,
            _table(
                "close 57 lseek 62 read 63 write 64 readv 65 writev 66 ppoll 73 exit 93 exit_group 94 futex 98 "
                "set_robust_list 99 nanosleep 101 getitimer 102 setitimer 103 clock_gettime 113 clock_getres 114 "
                "clock_nanosleep 115 sched_getaffinity 123 sched_yield 124 restart_syscall 128 sigaltstack 132 "
                "rt_sigaction 134 rt_sigprocmask 135 rt_sigreturn 139 uname 160 getrusage 165 gettimeofday 169 getpid 172 "
                "getppid 173 getuid 174 geteuid 175 getgid 176 getegid 177 gettid 178 sysinfo 179 sendto 206 recvfrom 207 "
                "brk 214 munmap 215 mremap 216 madvise 233 getrandom 278 membarrier 283 rseq 293"
            ),
            _table(
                "mount 40 unshare 97 kexec_load 104 init_module 105 ptrace 117 add_key 217 request_key 218 keyctl 219 "
                "execve 221 perf_event_open 241 open_by_handle_at 265 setns 268 process_vm_readv 270 process_vm_writev 271 "
                "finit_module 273 bpf 280 execveat 281 userfaultfd 282 io_uring_setup 425 pidfd_getfd 438"
            ),
            _table("mmap 222 mprotect 226"),
        ),
    }
)


def confine(*, memory: int, cpu: int, keep: tuple[int, ...] = (), weak: bool = False) -> None:
    """Shut this process in: `memory` bytes above its size now, `cpu` seconds, no file but those to `keep` and its errors.

    Raises OSError when the machine cannot; with `weak` only what it cannot do is left out.
    """
    _close_all_but({2, *keep})
    _limit(memory, cpu)
    _become_nobody()
    _prctl(_PR_SET_DUMPABLE, 0)
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)
    for step in (shut_files, refuse_calls):
        try:
            step()
        except OSError:
            if not weak:
                raise


def shut_files() -> None:
    """No file can be opened, made, moved or removed any more (Landlock without a rule that allows). Raises OSError."""
    abi = _called(_LIBC.syscall(_LANDLOCK_CREATE, None, ctypes.c_size_t(0), 1))
    rights = struct.pack("=Q", sum(bits for since, bits in _FILE_RIGHTS if abi >= since))
    ruleset = _called(_LIBC.syscall(_LANDLOCK_CREATE, rights, ctypes.c_size_t(len(rights)), 0))
    try:
        _called(_LIBC.syscall(_LANDLOCK_RESTRICT, ruleset, 0))
    finally:
        os.close(ruleset)


def refuse_calls() -> None:
    """Leave the system calls that computing needs; the rest is refused or ends the process. Raises OSError."""
    calls = CALLS.get(platform.machine())
    if calls is None:
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))
    program = b"".join(_program(calls))
    buffer = ctypes.create_string_buffer(program, len(program))
    filtering = struct.pack("@HP", len(program) // 8, ctypes.addressof(buffer))  # struct sock_fprog
    _prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, filtering)


def _program(calls: Calls) -> Iterator[bytes]:
    """The filter: calls of another table end the process, memory may not become code, threads are as good as unknown."""
    yield _step(_LOAD, _ARCHITECTURE)
    yield from _answer(_EQUAL, calls.audit, _KILL, unless=True)
    yield _step(_LOAD, _NUMBER)
    yield from _answer(_AT_LEAST, _X32, _KILL)
    for number in calls.allowed.values():
        yield from _answer(_EQUAL, number, _ALLOW)
    for number in calls.deadly.values():
        yield from _answer(_EQUAL, number, _KILL)
    yield from _answer(_EQUAL, calls.clone3, _REFUSE | errno.ENOSYS)  # glibc then tries clone, which is refused for good
    for number in calls.mapping.values():
        yield _step(_EQUAL, number, 0, 4)
        yield _step(_LOAD, _THIRD_ARGUMENT)
        yield from _answer(_BITS, _PROT_EXEC, _REFUSE | errno.EPERM)
        yield _step(_RETURN, _ALLOW)
    yield _step(_RETURN, _REFUSE | errno.EPERM)


def _answer(test: int, value: int, answer: int, *, unless: bool = False) -> Iterator[bytes]:
    yield _step(test, value, int(unless), int(not unless))
    yield _step(_RETURN, answer)


def _step(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("=HBBI", code, if_true, if_false, value)  # struct sock_filter


def _close_all_but(kept: set[int]) -> None:
    first = 0
    for one in sorted(kept):
        os.closerange(first, one)
        first = one + 1
    os.closerange(first, resource.getrlimit(resource.RLIMIT_NOFILE)[0])


def _limit(memory: int, cpu: int) -> None:
    with open("/proc/self/statm", encoding="ascii") as statm:  # noqa: PTH123  pathlib would import more in the child
        size = int(statm.read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_CPU, (cpu, cpu + 1))  # the first sends SIGXCPU, which tells why; the second kills
    for what, value in (
        (resource.RLIMIT_AS, size + memory),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 16),
        (resource.RLIMIT_NPROC, 0),
    ):
        resource.setrlimit(what, (value, value))


def _become_nobody() -> None:
    """The tree has dropped root long ago where the site names a user."""
    if os.geteuid() == 0:
        os.setgroups([])
        os.setresgid(NOBODY, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, NOBODY)


def _prctl(option: int, *values: int | bytes) -> None:
    words = [ctypes.c_ulong(value) if isinstance(value, int) else value for value in values]
    words += [ctypes.c_ulong(0)] * (4 - len(words))
    _called(_LIBC.prctl(option, *words))


def _called(result: int) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result
