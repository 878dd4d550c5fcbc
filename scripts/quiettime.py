#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Limit the time of a process by what it could do, not by a clock.

usage: scripts/quiettime.py SECONDS COMMAND [ARGUMENT]...

Runs COMMAND and ends it, with exit code 124 as timeout(1) has it, after as
many seconds as a quiet machine would need for what COMMAND did.  Says so on
stderr.

A machine may be ten times slower than it was, share its processors with
others, or stand still for half a minute: none of that is the process's
fault, and none of it may end it.  So time passes in a process's QuietTime

 - while it runs: by the CPU time that it got, less what it lost to the
   machine being slow, which a piece of work of known length shows;
 - while it sleeps, by its own will: by the clock.

It does not pass while a process wants to run and cannot: it waits for a
processor, is throttled, stopped, waits for a disk, or all stands still.
docs/testing.md tells why each.
"""

import os
import random
import signal
import subprocess
import sys
import time

# Seconds between two looks at the process, on average.  Not the same ones
# each time, or they would keep in step with a timer of the process's, and
# always see it run, or never.
TICK = 0.1

# More cannot have passed from one look to the next: whoever looks was itself
# kept from it.
MOST = 1.0

# Seconds: what takes less of a CPU from one look to the next did nothing.
NO_CPU_TIME = 0.0002

# How often the speed of the machine is measured, and of how many times it is
# the mean.  (Not the median: what is rare and long counts.)
SPEED_EVERY = 1.0
SPEED_OF = 10

# CPU seconds that fixed_work() takes on a quiet machine: Python 3.11 on a
# 2.1 GHz Xeon of 2023 (Sapphire Rapids), where a system test takes 16 to 40 s.
REFERENCE = 0.0013


def fixed_work(rounds=10000):
    """An interpreter at work, as an emulator is one: branches, tables."""
    table = [0] * 256
    value = 1
    for i in range(rounds):
        value = (value * 1103515245 + 12345) & 0x7fffffff
        table[value >> 23] += i
    return table


def measure_work():
    # What the processor forgot while we slept comes back first.
    fixed_work(1000)
    start = time.thread_time()
    fixed_work()
    return time.thread_time() - start


def read(path):
    with open(path, encoding="utf-8", errors="replace") as file:
        return file.read()


def look_at(pid):
    """The threads of a process, {thread: (state, CPU seconds)}."""
    threads = {}
    folder = "/proc/%d/task/" % pid
    try:
        names = os.listdir(folder)
    except OSError:
        return threads
    for name in names:
        try:
            # Its name comes before, and may have anything in it.
            words = read(folder + name + "/stat").rpartition(")")[2].split()
            ran = (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")
        except OSError:
            continue
        try:
            # The same, but precise, if the kernel has it.
            ran = int(read(folder + name + "/schedstat").split()[0]) / 1e9
        except (OSError, IndexError):
            pass
        threads[name] = words[0], ran
    return threads


class QuietTime:
    """The time of one process."""

    def __init__(self, pid, look=look_at, clock=time.monotonic,
                 work=measure_work):
        self.pid = pid
        self.look, self.clock, self.work = look, clock, work
        # Seconds of a quiet machine; CPU time and sleep that they consist of;
        # how long all took by the clock.
        self.spent = self.ran = self.slept = self.passed = 0.0
        # By the clock: how long it has been kept from running by now without
        # one look that saw it run or sleep, and the longest of such times.
        self.still = self.longest_still = 0.0
        # By the clock: how long all has slept by now without any CPU time.
        self.asleep = 0.0
        self.works = []
        self.works_sum, self.works_nr = 0.0, 0
        for _ in range(3):
            self.measure_speed()
        self.threads = self.look(pid)
        self.last = self.measured = self.clock()
        self.next = self.last + TICK

    def measure_speed(self):
        work = self.work()
        self.works = (self.works + [work])[-SPEED_OF:]
        self.works_sum += work
        self.works_nr += 1

    def slowness(self):
        """How much longer than on the quiet machine all takes now.  A faster
        machine makes no limit shorter."""
        return max(1.0, sum(self.works) / len(self.works) / REFERENCE)

    def wait(self):
        """How long to wait until the next tick()."""
        return max(0.0, self.next - self.clock())

    def tick(self):
        """To be called often; looks at the process if it is time to."""
        now = self.clock()
        if now < self.next:
            return
        if now >= self.measured + SPEED_EVERY:
            self.measured = now
            self.measure_speed()
        threads = self.look(self.pid)
        passed, self.last = now - self.last, now
        self.passed += passed
        self.charge(threads, passed, min(passed, MOST))
        self.threads = threads
        self.next = self.clock() + TICK * random.uniform(0.5, 1.5)

    def charge(self, threads, passed, most):
        states = [state for state, _ in threads.values()]
        ran = sum(max(0.0, cpu - self.threads.get(name, ("", 0.0))[1])
                  for name, (_, cpu) in threads.items())
        # Threads that run in parallel do on a quiet machine, too.
        ran = min(ran / max(1, states.count("R")), most)
        # T, t: stopped; D: waits for the machine.  A process that is gone
        # wants nothing more.
        slept = 0.0 if set(states) & set("RTtD") else most - ran
        deep = slept and ran < NO_CPU_TIME
        self.asleep = self.asleep + passed if deep else 0.0
        self.ran += min(ran, passed)
        self.slept += slept
        lost = passed - min(ran, passed) - slept
        # Who looks was kept from it, too, if that took so long.
        kept = passed > MOST or lost > 0.99 * passed
        self.still = self.still + lost if kept else 0.0
        self.longest_still = max(self.longest_still, self.still)
        self.spent += ran / self.slowness() + slept

    def summary(self):
        speed = REFERENCE * self.works_nr / self.works_sum
        still = max(0.0, self.passed - self.ran - self.slept)
        return ("%.1f s of a quiet machine in %.1f s; speed %.2f, "
                "stood still %.0f %%" % (
                    self.spent, self.passed, speed,
                    100 * still / self.passed if self.passed else 0))


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__.split("\n\n")[1])
    limit, command = float(sys.argv[1]), sys.argv[2:]
    child = subprocess.Popen(command)
    signal.signal(signal.SIGTERM, lambda *_: child.terminate())
    watch = QuietTime(child.pid)
    code = None
    while code is None and watch.spent < limit:
        try:
            code = child.wait(watch.wait())
        except subprocess.TimeoutExpired:
            watch.tick()
    if code is None:
        child.kill()
        child.wait()
        code = 124
    print("quiettime: took " + watch.summary(), file=sys.stderr)
    return code if code >= 0 else 128 - code


if __name__ == "__main__":
    sys.exit(main())
