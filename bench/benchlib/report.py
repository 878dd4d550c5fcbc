# SPDX-License-Identifier: GPL-2.0-only
"""Presents figures: tables for the terminal, plots as SVG."""

import os
import shutil
import subprocess

from . import stats

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

# Where a label says nothing without the one above it.
PLOT_LABELS = {WAYS[i][0]: text for i, text in (
    (0, "walk, 4K leaf"), (1, "walk, 2M leaf"), (2, "walk, 1G leaf"),
    (3, "guest-physical"), (4, "held mapping"), (5, "pinned"), (6, "hit"),
    (7, "first touch"), (9, "miss, 2M leaf"), (10, "miss, 1G leaf"),
    (11, "first miss"), (12, "no entries"), (13, "swtlb=off"),
    (14, "CONFIG_SWTLB=n"),
)}

# What is compared by size, and its style in a plot.
SIZE_WAYS = (
    ("walk, 4K leaves", "unpatched", "walk", 0, "#c44e52"),
    ("guest-physical", "guest-physical", "phys", 0, "#8c8c8c"),
    ("miss", "patched", "miss", 1, "#dd8452"),
    ("hit, first", "patched", "first", 1, "#937860"),
    ("hit", "patched", "hit", 1, "#4c72b0"),
    ("pinned", "patched", "pinned", 1, "#55a868"),
    ("held", "held-mapping", "held", 0, "#000000"),
)
SIZES = (8, 48, 256, 1024, 4096, 16384, 65536)
ENTRIES = (1, 2, 8, 64, 256, 1024)

SVG = "set terminal svg size %d,%d enhanced font 'sans-serif,13' " \
      "background '#ffffff'\n"


def number(value):
    return "-" if value is None else "{:,.0f}".format(value)


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
                  for _, boot, way, entries, _ in SIZE_WAYS]
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


def block(rows):
    """Data of a plot, as gnuplot's inline datablock wants it."""
    return "\n".join(" ".join(str(cell) for cell in row) for row in rows)


def plot_ways(data):
    rows = []
    for label, boot, way, leaf, entries in WAYS:
        cells = [data.copy(boot, way, leaf, entries, call)
                 for call in ("runstate", "platform")]
        if None in cells:
            continue
        rows.append(['"%s"' % PLOT_LABELS.get(label, label.strip())] + cells)
    return SVG % (760, 480) + """
set title "Instructions of one copy, by the way in which Xen finds the buffer"
set style data histograms
set style fill solid 0.9 noborder
set boxwidth 0.9
set grid ytics lc rgb "#dddddd"
set yrange [0:*]
set ylabel "instructions"
set xtics rotate by -35 noenhanced
set bmargin 9
set rmargin 9
set key outside top center horizontal
$data << END
%s
END
plot $data using 2:xtic(1) lc rgb "#4c72b0" title "48 bytes out", \\
     "" using 3 lc rgb "#dd8452" title "8 bytes out"
""" % block(rows)


def plot_sizes(data):
    text, plots = SVG % (760, 480) + """
set title "Instructions of one copy to the guest, by size"
set logscale xy
set grid lc rgb "#dddddd"
set xlabel "bytes"
set ylabel "instructions"
set xtics (8, 48, 256, "1K" 1024, "4K" 4096, "16K" 16384, "64K" 65536)
set key top left
""", []
    for i, (label, boot, way, entries, colour) in enumerate(SIZE_WAYS):
        rows = [(size, data.copy(boot, way, "4k", entries, "read-%d" % size))
                for size in SIZES]
        rows = [row for row in rows if row[1] is not None]
        if rows:
            text += "$d%d << END\n%s\nEND\n" % (i, block(rows))
            plots.append('$d%d with linespoints pt 7 ps 0.6 lw 2 lc rgb "%s" '
                         'title "%s"' % (i, colour, label))
    return text + "plot " + ", ".join(plots) + "\n" if plots else None


def plot_entries(data):
    text, plots = SVG % (760, 480) + """
set title "Instructions of one copy of 48 bytes, by the table's entries"
set logscale x 2
set grid lc rgb "#dddddd"
set xlabel "entries"
set ylabel "instructions"
set yrange [0:*]
set xtics (1, 2, 8, 64, 256, 1024)
set key center right
""", []
    for i, (way, title, colour) in enumerate((
            ("first-miss", "first miss", "#da8bc3"),
            ("miss", "miss", "#dd8452"),
            ("rotate", "hits in turn over all entries", "#8172b3"),
            ("first", "hit, first touch", "#937860"),
            ("hit", "hit", "#4c72b0"), ("pinned", "pinned", "#55a868"))):
        rows = [(n, data.copy("patched", way, "4k", n, "runstate"))
                for n in ENTRIES]
        rows = [row for row in rows if row[1] is not None]
        if len(rows) < 2:
            return None
        text += "$d%d << END\n%s\nEND\n" % (i, block(rows))
        plots.append('$d%d with linespoints pt 7 ps 0.6 lw 2 lc rgb "%s" '
                     'title "%s"' % (i, colour, title))
    for label, boot, way, colour in (
            ("walk on unpatched Xen", "unpatched", "walk", "#c44e52"),
            ("guest-physical", "guest-physical", "phys", "#8c8c8c")):
        value = data.copy(boot, way, "4k", 0, "runstate")
        if value is not None:
            plots.append('%f lc rgb "%s" dt 2 lw 2 title "%s"' % (
                value, colour, label))
    return text + "plot " + ", ".join(plots) + "\n"


def plots(data, folder):
    """Writes the plots; returns their names, or None without gnuplot."""
    if not shutil.which("gnuplot"):
        return None
    names = []
    for name, script in (("by-way", plot_ways(data)),
                         ("by-size", plot_sizes(data)),
                         ("by-entries", plot_entries(data))):
        if script:
            path = os.path.join(folder, name + ".svg")
            svg = subprocess.run(["gnuplot"], input=script, text=True,
                                 stdout=subprocess.PIPE, check=True).stdout
            with open(path, "w", encoding="utf-8") as file:
                # gnuplot leaves blanks at the ends of lines.
                file.write("\n".join(line.rstrip() for line in
                                     svg.splitlines()) + "\n")
            names.append(path)
    return names
