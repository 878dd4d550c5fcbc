# SPDX-License-Identifier: GPL-2.0-only
"""Draws figures as SVG, with gnuplot.  Colours mean the same in all of them:
what Xen does today, what else was proposed, and what is ours."""

import os
import shutil
import subprocess

from .stats import ENTRIES, SIZES, number

TODAY, RIVAL, OURS, OURS_TOO = "#c44e52", "#8c8c8c", "#4c72b0", "#8fb4dd"

# At this width GitHub shows them as they are.
WIDTH = 800

# (label, boot, way, leaf, entries, colour), from top to bottom.
WAYS = (
    ("walk of page tables, 4K leaf", "unpatched", "walk", "4k", 0, TODAY),
    ("walk, 2M leaf", "unpatched", "walk", "2m", 0, TODAY),
    ("walk, 1G leaf", "unpatched", "walk", "1g", 0, TODAY),
    ("guest-physical address", "guest-physical", "phys", "4k", 0, RIVAL),
    ("mapping held by Xen", "held-mapping", "held", "4k", 0, RIVAL),
    ("software TLB: hit", "patched", "hit", "4k", 1, OURS),
    ("pinned entry", "patched", "pinned", "4k", 1, OURS),
    ("first touch of a page", "patched", "first", "4k", 1, OURS),
    ("miss, then a walk, 4K leaf", "patched", "miss", "4k", 1, OURS_TOO),
    ("guest without entries, 4K leaf", "patched", "walk", "4k", 0, OURS_TOO),
)

# (label, boot, way, entries, style).  One that lies on another is drawn thin.
BY_SIZE = (
    ("walk (today)", "unpatched", "walk", 0, "lw 5 pt 7 lc rgb '%s'" % TODAY),
    ("miss", "patched", "miss", 1, "lw 1.5 pt 6 lc rgb '%s'" % OURS_TOO),
    ("guest-physical", "guest-physical", "phys", 0,
     "lw 2 pt 7 lc rgb '%s'" % RIVAL),
    ("hit, first touch", "patched", "first", 1,
     "lw 2 dt 2 pt 7 lc rgb '%s'" % OURS),
    ("hit", "patched", "hit", 1, "lw 5 pt 7 lc rgb '%s'" % OURS_TOO),
    ("pinned", "patched", "pinned", 1, "lw 2 pt 6 lc rgb '%s'" % OURS),
    ("held mapping", "held-mapping", "held", 0,
     "lw 2 dt 3 pt 4 lc rgb '%s'" % RIVAL),
)

# (label, way, style)
BY_ENTRIES = (
    ("first miss", "first-miss", "lw 2 dt 2 pt 6 lc rgb '%s'" % OURS_TOO),
    ("miss", "miss", "lw 2 pt 6 lc rgb '%s'" % OURS_TOO),
    ("first touch", "first", "lw 2 dt 2 pt 7 lc rgb '%s'" % OURS),
    ("hit", "hit", "lw 5 pt 7 lc rgb '%s'" % OURS_TOO),
    ("hits in turn over all", "rotate", "lw 2 pt 4 lc rgb '%s'" % OURS),
    ("pinned", "pinned", "lw 1.5 pt 6 lc rgb '#000000'"),
)

CALLS = (("get_features", "features"), ("get_runstate_info", "runstate"))

COMMON = """
set grid lt 1 lc rgb '#e4e4e4'
set border lc rgb '#666666'
"""


def header(title, below, height):
    """below: smaller lines."""
    title += "".join("\\n{/*0.8 %s}" % line for line in below)
    # gnuplot names the file "Gnuplot", which is what a browser shows.
    return "set terminal svg size %d,%d enhanced font 'sans-serif,13' " \
        "background '#ffffff' name 'swtlb'\n" \
        "set title \"%s\"\n%s" % (WIDTH, height, title, COMMON)


def block(rows):
    """Data as gnuplot's inline datablock wants it."""
    return "\n".join(" ".join(str(cell) for cell in row) for row in rows)


def about(result):
    """What was measured, for below a title."""
    version = result["boots"][0]["version"] if result["boots"] else "?"
    commit = result["commit"][:12] if result["commit"] else "?"
    return "Xen %s, QEMU %s, %s; commit %s%s, %s" % (
        version, result["qemu"]["version"], result["machine"]["cpu"], commit,
        " and changes" if result["modified"] else "", result["date"][:10])


def bars(rows, title, below):
    """Horizontal bars: rows of (label, value, what stands behind, colour)."""
    top = max(row[1] for row in rows)
    data = "\n".join('"%s" %d %f "%s" %d' % (
        label, -i, value, behind, int(colour[1:], 16))
        for i, (label, value, behind, colour) in enumerate(rows))
    ticks = ", ".join('"%s" %d' % (row[0], -i) for i, row in enumerate(rows))
    return header(title, below, 110 + 30 * len(rows)) + """
unset key
set xlabel "instructions"
set xrange [0:%f]
set yrange [%f:0.6]
set ytics (%s) noenhanced scale 0
set grid noytics xtics
set style fill solid 1 noborder
$data << END
%s
END
plot $data using ($3 / 2):2:($3 / 2):(0.36):5 with boxxy lc rgb variable, \\
     "" using ($3 + %f):2:4 with labels left noenhanced
""" % (top * 1.3, -len(rows) + 0.4, ticks, data, top * 0.01)


def lines(curves, settings):
    """curves: (label, style, [(x, y)])."""
    text, plots = settings, []
    for i, (label, style, rows) in enumerate(curves):
        text += "$d%d << END\n%s\nEND\n" % (i, block(rows))
        plots.append("$d%d with linespoints ps 0.7 %s title \"%s\"" % (
            i, style, label))
    return text + "plot " + ", \\\n     ".join(plots) + "\n"


def measured(points):
    """Those that were."""
    return [(x, y) for x, y in points if y is not None]


def of_today(value, today):
    """A value, and how much of today's it is."""
    return "{:,.0f} ({:.0f} %)".format(value, 100 * value / today)


def by_way(data, result):
    rows = []
    for label, boot, way, leaf, entries, colour in WAYS:
        value = data.copy(boot, way, leaf, entries, "runstate")
        today = data.copy("unpatched", "walk", leaf, 0, "runstate")
        if value is not None and today is not None:
            behind = number(value) if colour == TODAY else of_today(value,
                                                                    today)
            rows.append((label, value, behind, colour))
    if not rows:
        return None
    return bars(rows, "What Xen spends on one copy of 48 bytes, by how it "
                "finds the buffer",
                ("red: today, grey: other proposals, blue: ours",
                 about(result)))


def by_emulator(data, result, sets):
    """sets: (name of the machine, its figures)."""
    rows = []
    for name, figures in (("QEMU, SVM", data), *sets):
        for label, call in CALLS:
            today = figures.call("unpatched", "walk", "4k", 0, call)
            ours = figures.call("patched", "hit", "4k", 1, call)
            if today is None or ours is None:
                continue
            rows.append(("%s: %s" % (name, label), today,
                         number(today), TODAY))
            rows.append(("", ours, of_today(ours, today), OURS))
    if len(sets) < 1 or not rows:
        return None
    return bars(rows, "Whole hypercalls today (red) and with an entry (blue), "
                "by emulator", (about(result),))


def by_size(data, result):
    curves = []
    for label, boot, way, entries, style in BY_SIZE:
        rows = measured((size, data.copy(boot, way, "4k", entries,
                                         "read-%d" % size)) for size in SIZES)
        if rows:
            curves.append((label, style, rows))
    if not curves:
        return None
    return lines(curves, header("One copy to the guest, by size",
                                (about(result),), 460) + """
set logscale xy
set xlabel "bytes"
set ylabel "instructions"
set xtics (8, 48, 256, "1K" 1024, "4K" 4096, "16K" 16384, "64K" 65536)
set key outside right center reverse Left samplen 2
""")


def by_entries(data, result):
    """Copies on the left, what the table costs on the right."""
    curves = []
    for label, way, style in BY_ENTRIES:
        rows = measured((n, data.copy("patched", way, "4k", n, "runstate"))
                        for n in ENTRIES)
        if len(rows) > 1:
            curves.append((label, style, rows))
    updates = measured((n, data.update(n - 1)) for n in ENTRIES)
    if len(updates) < 2 or not curves:
        return None
    both = """
set logscale x 2
set xlabel "entries"
set xtics (1, 2, 8, 64, 256, 1024)
set yrange [0:*]
"""
    first = header("A copy of 48 bytes", (about(result),), 420) + both + """
set multiplot layout 1,2
set ylabel "instructions"
set key below vertical maxrows 3 samplen 2
"""
    return lines(curves, first) + """
set title "An entry comes and goes\\n{/*0.8 above two hypercalls that do nothing}"
set key off
unset ylabel
""" + lines([("", "lw 2 pt 7 lc rgb '%s'" % OURS, updates)], "") + \
        "unset multiplot\n"


def library_calls(hypercalls, below):
    """hypercalls: {name: {buffers: instructions}}."""
    rows = []
    for name, title in (("call", "XENVER_extraversion"),
                        ("sysctl", "XEN_SYSCTL_sched_id")):
        cost = hypercalls[name]
        for key, label, colour in (
                ("unpatched", "%s: unpatched Xen" % title, TODAY),
                ("plain", "plain buffers", OURS_TOO),
                ("device", "the module's device", OURS),
                ("library", "libxenswtlb", OURS)):
            behind = number(cost[key]) if colour == TODAY else of_today(
                cost[key], cost["unpatched"])
            rows.append((label, cost[key], behind, colour))
    return bars(rows, "A hypercall of a program, by its buffers", below)


def library_memory(rows, below):
    """rows: of the library's benchmark, one thread's are drawn."""
    curves = []
    for bench, point in (("alloc", 7), ("zalloc", 5), ("bounce", 9)):
        for library, colour in (("xencall", TODAY), ("xenswtlb", OURS)):
            curves.append((
                "%s, lib%s" % (bench, library),
                "lw 2 pt %d lc rgb '%s'" % (point, colour),
                sorted((row["size"], row[library]) for row in rows
                       if row["bench"] == bench and row["threads"] == 1)))
    return lines(curves, header("A buffer taken and given back", below, 460) +
                 """
set logscale xy
set xlabel "bytes"
set ylabel "instructions"
set xtics (64, "1K" 1024, "4K" 4096, "16K" 16384, "64K" 65536, \
           "256K" 262144, "1M" 1048576)
set key outside right center reverse Left samplen 2
""")


def draw(script, path):
    svg = subprocess.run(["gnuplot"], input=script, text=True,
                         stdout=subprocess.PIPE, check=True).stdout
    with open(path, "w", encoding="utf-8") as file:
        # gnuplot leaves blanks at the ends of lines.
        file.write("\n".join(line.rstrip() for line in
                             svg.splitlines()) + "\n")


def write(scripts, folder):
    """Draws each of {name: script} that there is; False without gnuplot."""
    if not shutil.which("gnuplot"):
        return False
    for name, script in scripts.items():
        if script:
            draw(script, os.path.join(folder, name + ".svg"))
    return True


def of_copies(data, result, sets):
    """sets: as for by_emulator()."""
    return {"by-way": by_way(data, result),
            "by-emulator": by_emulator(data, result, sets),
            "by-size": by_size(data, result),
            "by-entries": by_entries(data, result)}


def of_library(memory, hypercalls, below):
    return {"library": library_calls(hypercalls, below),
            "library-memory": library_memory(memory, below)}
