# SPDX-License-Identifier: GPL-2.0-only
"""Takes samples: boots Xen with the benchmark kernel, runs the native one."""

import hashlib
import os
import re
import subprocess
import time

TOP = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))

MEASURE = re.compile(r"@measure (\S+) (\d+) ([a-z]+)/(\d+)\s*$")
# "(XEN) Xen version 4.17.7 (Debian ...) (who@where) (gcc ...) debug=n DATE"
VERSION = re.compile(r"\(XEN\) Xen version (\S+) .*@[^)]*\) \((.*)\) debug=([yn])")

# The largest table and, for the figures by size, a console ring that holds
# as much as is read.  The same for all Xens, so that their figures compare.
XEN_ARGS = "console_to_ring conring_size=256k"
MAX_ENTRIES = "swtlb=max-entries=1024"


class Failed(Exception):
    """Something could not be measured; the text says why."""


class Boot:
    """One Xen and how it is started."""

    def __init__(self, name, xen, args=""):
        self.name = name
        self.xen = xen
        self.args = args


def run(command, what, **kwargs):
    try:
        return subprocess.run(command, check=True, text=True,
                              stdout=subprocess.PIPE, **kwargs).stdout
    except FileNotFoundError:
        raise Failed("%s: '%s' is not installed" % (what, command[0]))
    except subprocess.CalledProcessError as exc:
        raise Failed("%s failed (exit code %d)%s" % (
            what, exc.returncode, "\n" + exc.stdout if exc.stdout else ""))


def script(name, *args):
    """What one of the project's scripts prints: a path."""
    return run([os.path.join(TOP, "scripts", name), *args],
               "scripts/" + name).strip()


def make(folder, output, *args):
    """Builds a folder of bench/ in output."""
    env = {k: v for k, v in os.environ.items()
           if k not in ("MAKEFLAGS", "MFLAGS", "CFLAGS", "CPPFLAGS")}
    run(["make", "-C", os.path.join(TOP, "bench", folder),
         "O=" + os.path.abspath(output), *args],
        "building bench/" + folder, env=env)


def parse(text):
    """Samples by name, with the number of operations in each."""
    samples = {}
    for line in text.splitlines():
        # Xen may print into the line before.
        match = MEASURE.search(line)
        if match:
            name, value, unit, count = match.groups()
            known = samples.setdefault(name, (unit, int(count), []))
            if known[:2] != (unit, int(count)):
                raise Failed("'%s' was measured in different units" % name)
            known[2].append(int(value))
    return samples


def boot(what, kernel, words, log, timeout, args=XEN_ARGS, machine=None):
    """Boots Xen, in QEMU or on a machine of Bochs; returns its description and
    the samples."""
    emulator = ["--bochs", machine] if machine else ["--icount"]
    words = words + ["bochs"] if machine else words
    name = "bench-" + what.name
    args = (args + " " + what.args).strip()
    started = time.monotonic()
    result = subprocess.run(
        [os.path.join(TOP, "scripts", "xen-run"), "--xen", what.xen,
         *emulator, "--quiet", "--name", name, "--log", log,
         "--timeout", str(timeout), "--xen-args", args,
         kernel, "--", "name=" + name, *words],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    seconds = time.monotonic() - started
    if result.returncode:
        raise Failed("the run on Xen '%s' failed:\n%s" % (
            what.name, result.stdout.strip()))
    with open(log, encoding="utf-8", errors="replace") as file:
        text = file.read()
    return describe(what, args, text, seconds), parse(text)


# Where vCPUs give way to each other the default scheduler does so at any time,
# in the middle of what is measured.
P2M_ARGS = "sched=credit"


def describe(what, args, text, seconds):
    match = VERSION.search(text)
    if not match:
        raise Failed("Xen '%s' does not tell its version" % what.name)
    with open(what.xen, "rb") as file:
        digest = hashlib.sha256(file.read()).hexdigest()
    return {
        "name": what.name,
        "version": match.group(1),
        "compiler": match.group(2),
        "debug": match.group(3) == "y",
        "sha256": digest,
        "arguments": args,
        "seconds": round(seconds, 1),
    }


def native(program, log):
    text = run([program], os.path.basename(program))
    with open(log, "w", encoding="utf-8") as file:
        file.write(text)
    return parse(text)


def qemu_version():
    text = run([os.environ.get("QEMU", "qemu-system-x86_64"), "--version"],
               "QEMU")
    match = re.search(r"version (\S+)", text)
    return match.group(1) if match else "unknown"


def bochs_version(program):
    """Bochs tells its version only where it is built for one."""
    text = run([program, "--help", "cpu"], "Bochs", stderr=subprocess.STDOUT,
               stdin=subprocess.DEVNULL)
    return "3.0" if "sapphire_rapids" in text else "2.7"


def cpu_model():
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            match = re.search(r"^model name\s*: (.*)$", file.read(), re.M)
    except OSError:
        match = None
    return match.group(1).strip() if match else "unknown"


def commit():
    """The project's commit, and whether there are changes since; or None."""
    try:
        head = run(["git", "-C", TOP, "rev-parse", "HEAD"], "git",
                   stderr=subprocess.DEVNULL).strip()
        status = run(["git", "-C", TOP, "status", "--porcelain", "--", "hv",
                      "bench", "tests/pvh/lib", "tests/pvh/include"], "git", stderr=subprocess.DEVNULL)
        return head, bool(status.strip())
    except Failed:
        return None, None
