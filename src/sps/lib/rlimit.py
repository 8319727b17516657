"""Resource limits for a child, as a command that sets them and then becomes the child."""

from __future__ import annotations

import shutil

# Where util-linux is missing the POSIX shell does it; it also exports PWD. A limit that the host
# already set lower stays as it is. Files count in blocks of 512 bytes, memory in KiB.
_SHELL = """\
[ {files} = 0 ] || ulimit -n {files} 2>/dev/null || :
[ {blocks} = 0 ] || ulimit -f {blocks} 2>/dev/null || :
[ {memory} = 0 ] || ulimit -v {memory} 2>/dev/null || :
[ {processes} = 0 ] || ulimit -u {processes} 2>/dev/null || ulimit -p {processes} 2>/dev/null || :
exec "$@"
"""


_FIRST_TO_GO = '{ echo 500 >/proc/self/oom_score_adj; } 2>/dev/null; exec "$@"'


def first_to_go() -> tuple[str, ...]:
    """Return the words to put before a command so that the kernel, when memory runs out, ends it
    and what it starts before anything else of the same size. Where that is refused it is skipped.
    """
    return ("/bin/sh", "-c", _FIRST_TO_GO, "sh")


def limit_command(
    *, processes: int = 0, open_files: int = 0, file_bytes: int = 0, memory_bytes: int = 0
) -> tuple[str, ...]:
    """Return the words to put before a command so that it runs within these limits; 0 is none.

    The kernel counts processes per user and user namespace and does not hold root to that bound.
    """
    bounds = {
        "nproc": processes,
        "nofile": open_files,
        "fsize": file_bytes,
        "as": memory_bytes,
    }
    options = [f"--{name}={_soft_and_hard(name, bound)}" for name, bound in bounds.items() if bound]
    if not options:
        return ()
    program = shutil.which("prlimit", path="/usr/bin:/bin")
    if program:
        return (program, *options, "--")
    script = _SHELL.format(
        files=open_files,
        blocks=file_bytes // 512,
        memory=memory_bytes // 1024,
        processes=processes,
    )
    return ("/bin/sh", "-c", script, "sh")


def _soft_and_hard(name: str, bound: int) -> str:
    lowered = min(bound, _hard(name) or bound)
    return f"{lowered}:{lowered}"


def _hard(name: str) -> int:
    """Return the bound that this process already has and cannot raise, 0 for none."""
    import resource

    kinds = {
        "nproc": resource.RLIMIT_NPROC,
        "nofile": resource.RLIMIT_NOFILE,
        "fsize": resource.RLIMIT_FSIZE,
        "as": resource.RLIMIT_AS,
    }
    return max(0, resource.getrlimit(kinds[name])[1])
