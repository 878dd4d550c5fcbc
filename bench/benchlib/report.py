# SPDX-License-Identifier: GPL-2.0-only
"""Presents figures as tables for the terminal."""

from . import stats
from .stats import ENTRIES, SIZES, number

# (label, boot, way, leaf, entries), in the order of presentation.
WAYS = (
    ("unpatched Xen, walk: 4K leaf", "unpatched", "walk", "4k", 0),
    ("                     2M leaf", "unpatched", "walk", "2m", 0),
    ("                     1G leaf", "unpatched", "walk", "1g", 0),
    ("guest-physical address", "guest-physical", "phys", "4k", 0),
    ("held mapping (the limit)", "held-mapping", "held", "4k", 0),
    ("software TLB: pinned entry", "patched", "pinned", "4k", 1),
    ("              hit, remembered", "patched", "hit", "4k", 1),
    ("              hit, first touch", "patched", "first", "4k", 1),
    ("              miss, 4K leaf", "patched", "miss", "4k", 1),
    ("                    2M leaf", "patched", "miss", "2m", 1),
    ("                    1G leaf", "patched", "miss", "1g", 1),
    ("              first miss, 4K", "patched", "first-miss", "4k", 1),
    ("              no entries, 4K", "patched", "walk", "4k", 0),
    ("              swtlb=off, 4K", "disabled", "walk", "4k", 0),
    ("              CONFIG_SWTLB=n, 4K", "configured-out", "walk", "4k", 0),
)

# What is compared by size.
SIZE_WAYS = (
    ("walk, 4K leaves", "unpatched", "walk", 0),
    ("guest-physical", "guest-physical", "phys", 0),
    ("miss", "patched", "miss", 1),
    ("hit, first", "patched", "first", 1),
    ("hit", "patched", "hit", 1),
    ("pinned", "patched", "pinned", 1),
    ("held", "held-mapping", "held", 0),
)


def share(value, of):
    if value is None or of is None:
        return "-"
    return "%.0f %%" % (100 * value / of)


class Table:
    """Columns of numbers behind one of labels.  Empty ones are not shown."""

    def __init__(self, width, *heads):
        self.width = width
        self.heads = heads
        self.rows = []

    def add(self, label, *cells):
        if any(cell != "-" for cell in cells):
            self.rows.append((label, cells))

    def text(self):
        shown = [i for i in range(len(self.heads))
                 if any(cells[i] != "-" for _, cells in self.rows)]
        heads = [self.heads[i] for i in shown]
        rows = [(label, [cells[i] for i in shown])
                for label, cells in self.rows]
        widths = [max(len(line) for line in head.split("\n")) + 3
                  for head in heads]
        for _, cells in rows:
            widths = [max(w, len(c) + 3) for w, c in zip(widths, cells)]
        lines = []
        for i in range(max(head.count("\n") for head in heads) + 1):
            parts = [(head.split("\n") + [""] * 9)[i] for head in heads]
            lines.append("".ljust(self.width) + "".join(
                p.rjust(w) for p, w in zip(parts, widths)))
        for label, cells in rows:
            lines.append(label.ljust(self.width) + "".join(
                c.rjust(w) for c, w in zip(cells, widths)))
        return "\n".join("  " + line.rstrip() for line in lines)


def by_way(data):
    table = Table(34, "rivals'\nloop", "of\ntoday's",
                  "48 bytes\nout", "of\ntoday's", "8 bytes\nout",
                  "8 bytes\nin", "of\ntoday's", "above\nheld")
    for label, boot, way, leaf, entries in WAYS:
        loop = data.call(boot, way, leaf, entries, "runstate")
        cells = [number(loop),
                 share(loop, data.call("unpatched", "walk", leaf, 0,
                                       "runstate"))]
        values = [data.copy(boot, way, leaf, entries, call)
                  for call in ("runstate", "platform", "submap")]
        today = [data.copy("unpatched", "walk", leaf, 0, call)
                 for call in ("runstate", "submap")]
        held = data.copy("held-mapping", "held", "4k", 0, "submap")
        cells += [number(values[0]), share(values[0], today[0]),
                  number(values[1]), number(values[2]),
                  share(values[2], today[1]),
                  "-" if held is None or values[2] is None
                  else number(values[2] - held)]
        table.add(label, *cells)
    empty = data.call("unpatched", "walk", "4k", 0, "is-up")
    table.add("(a call without a copy)", number(empty), *["-"] * 7)
    return "Instructions: a call of the rivals' loop, and one copy, by the " \
        "way to find the buffer\n\n" + table.text()


def by_size(data):
    table = Table(14, *[way[0].replace(", ", "\n") for way in SIZE_WAYS],
                  "pinned\nto held", "hit\nto held")
    for size in SIZES:
        values = [data.copy(boot, way, "4k", entries, "read-%d" % size)
                  for _, boot, way, entries in SIZE_WAYS]
        table.add("%d bytes" % size, *map(number, values),
                  share(values[5], values[6]), share(values[4], values[6]))
    if not table.rows:
        return None
    return "Instructions of one copy to the guest, by size\n\n" + table.text()


def by_entries(data):
    table = Table(16, "pinned", "hit", "first\ntouch", "hits,\nin turn",
                  "same pages,\none entry", "miss", "first\nmiss",
                  "insert\nand purge")
    for n in ENTRIES:
        cells = [data.copy("patched", way, "4k", n, "runstate")
                 for way in ("pinned", "hit", "first", "rotate", "pages",
                             "miss", "first-miss")]
        cells.append(data.call("patched", "update", "4k", n - 1,
                               "insert-purge"))
        table.add("%d entries" % n if n > 1 else "1 entry",
                  *map(number, cells))
    if len(table.rows) < 2:
        return None
    return "Instructions of one copy of 48 bytes, and of two operations, by " \
        "the table's entries\n\n" + table.text()


def native(rows):
    table = Table(34, "lookup,\nhit", "lookup,\nmiss", "insert", "purge")
    times = {(r["operation"], r["entries"]): r for r in rows}
    for n in ENTRIES:
        cells = []
        for operation in ("lookup-hit", "lookup-miss", "insert", "purge"):
            row = times.get((operation, n))
            cells.append("%.1f (%.1f)" % (
                row["nanoseconds"]["median"], row["of_memcpy_48"])
                if row else "-")
        table.add("%d entries" % n if n > 1 else "1 entry", *cells)
    if not table.rows:
        return None
    copies = ["%d bytes: %.1f" % (size, times["memcpy-%d" % size, 0]
                                  ["nanoseconds"]["median"])
              for size in (48, 4096)]
    return "The table by itself, native code: median ns (and ratio to a " \
        "memcpy of 48 bytes)\n\n%s\n  memcpy of %s" % (table.text(),
                                                       ", of ".join(copies))


def more(value, than):
    if value is None or than is None:
        return "-"
    return "%+.1f %%" % (100 * (value / than - 1))


def p2m(rows):
    """Changes of the P2M."""
    table = Table(26, "unpatched", "no\nentries", "more", "an entry\neach",
                  "more")
    costs = stats.p2m_costs(rows)
    for change, vcpus in dict.fromkeys((r["change"], r["vcpus"])
                                       for r in sorted(rows, key=lambda r: (
                                           r["change"], r["vcpus"]))):
        today, without, with_entries = [
            costs.get((boot, vcpus, entries, change)) for boot, entries in
            (("unpatched", 0), ("patched", 0), ("patched", 1))]
        table.add("%s, %d vCPU%s" % (change, vcpus, "s" * (vcpus > 1)),
                  number(today), number(without), more(without, today),
                  number(with_entries), more(with_entries, today))
    if not table.rows:
        return None
    return "Instructions of one change of a domain's P2M\n\n" + table.text()


def targets(rows):
    if not rows:
        return None
    lines = ["  %-6s %-56s %4g   is %.*f%s" % (
        "pass" if row["met"] else "FAIL", row["name"], row["limit"],
        2 if row["unit"] == "times" else 1, row["value"],
        "" if row["unit"] == "instructions" else " " + row["unit"])
        for row in rows]
    return "Targets, at most; where there is no unit, in instructions (a " \
        "copy)\n\n" + "\n".join(lines)


# (label, way of today's Xen, way with the software TLB, call)
EMULATED = (
    ("a call without a copy", "walk", "walk", "empty"),
    ("get_features: 8 in, 8 out", "walk", "hit", "features"),
    ("get_runstate_info: 48 out", "walk", "hit", "runstate"),
    ("features index: 8 in", "walk", "hit", "submap"),
)


def by_emulator(data, bochs):
    """Whole calls, of today and with an entry that hits."""
    if not bochs:
        return None
    sets = [data] + [stats.Set(machine["instructions"]) for machine in bochs]
    heads = ["QEMU"] + [machine["machine"] for machine in bochs]
    table = Table(28, *[head + "\n" + column for name in heads
                        for head, column in ((name, "walk"), ("", "hit"),
                                             ("", "of it"))])
    for label, before, after, call in EMULATED:
        cells = []
        for figures in sets:
            walk = figures.call("unpatched", before, "4k", 0, call)
            hit = figures.call("patched", after, "4k",
                                 1 if after == "hit" else 0, call)
            cells += [number(walk), number(hit), share(hit, walk)]
        table.add(label, *cells)
    return "Instructions of whole calls: QEMU's SVM, and Bochs's VT-x " \
        "(skylake) and SVM (ryzen)\n\n" + table.text()


def tables(data, result):
    parts = [by_way(data), by_emulator(data, result.get("bochs")),
             by_size(data), by_entries(data), p2m(result["p2m"]),
             native(result["native"]), targets(result["targets"])]
    return "\n\n".join(part for part in parts if part) + "\n"
