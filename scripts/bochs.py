# SPDX-License-Identifier: GPL-2.0-only
"""xen-run's other emulator: Bochs, which has what QEMU's does not.

Bochs emulates VT-x with EPT, CET, PCID and SVM with NRIP save, at a third of
QEMU's speed.  It has no loader for Xen, and no console: Xen, dom0 and the
multiboot information are put on a disk, with a boot sector that places them
(bochs-boot.S), and its serial line is a connection to a port of ours.
"""

import ctypes
import os
import pty
import select
import signal
import socket
import struct
import subprocess
import threading

# Short names of machines: what Bochs calls the CPU, the first that it knows.
MACHINES = {
    # VT-x with all that goes with EPT.
    "skylake": ("corei7_skylake_x",),
    # VT-x and CET.  Bochs 3.0 has the former.
    "cet": ("sapphire_rapids", "tigerlake"),
    # SVM with nested paging, and NRIP save, which QEMU's has not.
    "ryzen": ("ryzen",),
}

# Instructions of an emulated second.  The fewer, the less is executed while
# Xen waits for its timers and its serial line.  A Linux, which comes with an
# initrd, needs more: it would be busy with its ticks, 250 a second on each
# vCPU, and get to nothing else.
INSTRUCTIONS_PER_SECOND = 10000000
INSTRUCTIONS_PER_SECOND_LINUX = 50000000

SECTOR = 512
HEADS, SECTORS = 16, 63

# Where things go in memory; bochs-boot.S knows the first three, too.
INFO = 0x100000
INFO_ENTRY = 0xffc
MEMORY_MAP = 0x8000
MODULES = 16 << 20
TABLE_OFFSET = 400
# Within the page at INFO.
MODULE_LIST, STRINGS = 256, 512

MBI_MEMORY, MBI_CMDLINE, MBI_MODULES, MBI_MAP = 1, 4, 8, 64

PR_SET_PDEATHSIG = 1

# Bochs knows no way to be without sound, and falls over a machine that has
# none.
CONFIG = """\
config_interface: textconfig
display_library: term
cpu: model={model}, count={smp}, ips={ips}, reset_on_triple_fault=0, \
ignore_bad_msrs=1
memory: guest={mem}, host={mem}
romimage: file="{firmware}/BIOS-bochs-latest", options=fastboot
vgaromimage: file="{firmware}/VGABIOS-lgpl-latest"
vga: extension=none, update_freq=1
pci: enabled=1, chipset=i440fx
ata0: enabled=1, ioaddr1=0x1f0, ioaddr2=0x3f0, irq=14
ata0-master: type=disk, mode=flat, path=disk, cylinders={cylinders}, \
heads={heads}, spt={sectors}
boot: disk
clock: sync=none, time0=946684800
sound: waveoutdrv=dummy, waveindrv=dummy, midioutdrv=dummy
com1: enabled=1, mode=socket-client, dev=127.0.0.1:{port}
log: log
panic: action=fatal
error: action=report
info: action=report
debug: action=ignore
"""


class Error(Exception):
    """Bochs, or what it is to boot, cannot be used; the text says why."""


def read(path):
    with open(path, "rb") as file:
        return file.read()


def cpu_model(args):
    """The CPU that --bochs MACHINE stands for."""
    names = MACHINES.get(args.bochs, (args.bochs,))
    try:
        known = subprocess.run(
            [args.bochs_path, "--help", "cpu"], stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            check=False).stdout.decode("utf-8", "replace").split()
    except OSError as exc:
        raise Error("Bochs: %s" % exc) from exc
    for name in names:
        if name in known:
            return name
    raise Error("this Bochs has no CPU '%s'" % "' or '".join(names))


def xen_image(path):
    """Entry, address and bytes of Xen, an ELF with one segment to load."""
    elf = read(path)
    if elf[:5] != b"\x7fELF\x01":
        raise Error("'%s' is no 32-bit ELF" % path)
    entry, table = struct.unpack_from("<2I", elf, 24)
    size, number = struct.unpack_from("<2H", elf, 42)
    for i in range(number):
        kind, offset, _, address, length, _, _, _ = struct.unpack_from(
            "<8I", elf, table + i * size)
        if kind == 1:
            return entry, address, elf[offset:offset + length]
    raise Error("'%s' has nothing to load" % path)


def boot_information(args, xen_args, entry, modules):
    """The page that tells Xen what there is."""
    page = bytearray(4096)
    strings = STRINGS

    def string(text):
        nonlocal strings
        raw = text.encode() + b"\0"
        if strings + len(raw) > INFO_ENTRY:
            raise Error("the command lines are too long for Bochs")
        page[strings:strings + len(raw)] = raw
        strings += len(raw)
        return INFO + strings - len(raw)

    # Of both Xen drops the first word, a boot loader's name for the file.
    struct.pack_into(
        "<7I", page, 0, MBI_MEMORY | MBI_CMDLINE | MBI_MODULES | MBI_MAP, 640,
        (args.mem - 1) * 1024, 0, string("xen " + xen_args), len(modules),
        INFO + MODULE_LIST)
    struct.pack_into("<I", page, 48, MEMORY_MAP)
    for i, (address, data, text) in enumerate(modules):
        struct.pack_into("<4I", page, MODULE_LIST + 16 * i, address,
                         address + len(data), string(text), 0)
    struct.pack_into("<I", page, INFO_ENTRY, entry)
    return bytes(page)


def make_disk(args, xen_args, workdir):
    """Writes the disk; returns how many cylinders it has."""
    entry, address, xen = xen_image(args.xen)
    modules, place = [], MODULES
    for path, text in ((args.kernel, "kernel " + args.cmdline),
                       (args.initrd, "initrd")):
        if path:
            data = read(path)
            modules.append((place, data, text))
            place += (len(data) + 0x1fffff) & ~0x1fffff
    if place > args.mem << 20:
        raise Error("too little memory for what is to be loaded")

    boot = os.path.join(workdir, "boot")
    source = os.path.join(os.path.dirname(os.path.realpath(__file__)),
                          "bochs-boot.S")
    # An assembler is on every machine that has built the guest.
    subprocess.run(["gcc", "-m32", "-nostdlib", "-static", "-o", boot,
                    "-Wl,--oformat=binary,-Ttext=0x7c00,--build-id=none",
                    source], check=True)
    sector = bytearray(read(boot))
    parts = [(INFO, boot_information(args, xen_args, entry, modules)),
             (address, xen)]
    parts += [(where, data) for where, data, _ in modules]
    with open(os.path.join(workdir, "disk"), "wb") as disk:
        disk.seek(SECTOR)
        for i, (where, data) in enumerate(parts):
            first, number = disk.tell() // SECTOR, -(-len(data) // SECTOR)
            struct.pack_into("<3I", sector, TABLE_OFFSET + 12 * i, where,
                             first, number)
            disk.write(data.ljust(number * SECTOR, b"\0"))
        cylinders = -(-disk.tell() // (SECTOR * SECTORS * HEADS))
        disk.truncate(cylinders * SECTOR * SECTORS * HEADS)
        disk.seek(0)
        disk.write(sector)
    return cylinders


def before_bochs():
    """What the process does that is to become Bochs."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


class Bochs:
    """A Bochs that runs, as far as xen-run deals with it: a process, and a
    console."""

    def __init__(self, args, xen_args, workdir):
        firmware = os.path.join(os.path.dirname(os.path.dirname(
            os.path.realpath(args.bochs_path))), "firmware")
        cylinders = make_disk(args, xen_args, workdir)
        with socket.create_server(("127.0.0.1", 0)) as server:
            with open(os.path.join(workdir, "config"), "w",
                      encoding="utf-8") as config:
                config.write(CONFIG.format(
                    model=cpu_model(args), smp=args.smp, mem=args.mem,
                    ips=(INSTRUCTIONS_PER_SECOND_LINUX if args.initrd else
                         INSTRUCTIONS_PER_SECOND), firmware=firmware,
                    cylinders=cylinders, heads=HEADS, sectors=SECTORS,
                    port=server.getsockname()[1]))
            # Debian's Bochs has a debugger in it, which waits for a command.
            with open(os.path.join(workdir, "commands"), "w",
                      encoding="utf-8") as commands:
                commands.write("c\n")
            screen, theirs = pty.openpty()
            self.last_words = b""
            self.process = subprocess.Popen(
                [args.bochs_path, "-q", "-f", "config", "-rc", "commands"],
                cwd=workdir, stdin=theirs, stdout=theirs, stderr=theirs,
                env=dict(os.environ, TERM="vt100"), preexec_fn=before_bochs)
            os.close(theirs)
            threading.Thread(target=self.watch, args=(screen,),
                             daemon=True).start()
            self.console = self.accept(server)

    def watch(self, screen):
        """Its screen has to be read, or it would stop when that is full."""
        while True:
            try:
                data = os.read(screen, 65536)
            except OSError:
                data = b""
            if not data:
                os.close(screen)
                return
            self.last_words = (self.last_words + data)[-2000:]

    def accept(self, server):
        """Bochs connects to us before it starts the machine."""
        while not select.select([server], [], [], 0.1)[0]:
            if self.process.poll() is not None:
                raise Error("Bochs does not start: %s" % self.last_words.decode(
                    "utf-8", "replace"))
        console, _ = server.accept()
        return console

    def fileno(self):
        return self.console.fileno()

    def read(self):
        try:
            return self.console.recv(65536)
        except ConnectionError:
            return b""

    def write(self, keys):
        try:
            self.console.sendall(keys)
        except OSError:
            pass
