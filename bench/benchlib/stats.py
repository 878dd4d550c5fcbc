# SPDX-License-Identifier: GPL-2.0-only
"""From samples to figures.  Knows what is measured, but not how."""

import math
import statistics

# call: (bytes of a copy, copies, the call without a copy, direction)
CALLS = {
    "runstate": (48, 1, "is-up", "out"),
    "platform": (8, 1, "empty", "out"),
    "submap": (8, 1, "empty", "in"),
    "features": (8, 2, "empty", "in and out"),
}
# What is measured by size, and by the entries of the table.
SIZES = (8, 48, 256, 1024, 4096, 16384, 65536)
ENTRIES = (1, 2, 8, 64, 256, 1024)
for _size in SIZES:
    CALLS["read-%d" % _size] = (_size, 1, "read-0", "out")

EMPTY = ("empty", "is-up", "read-0")

# The calls to compare ways by, whose copies are small.
SMALL = ("runstate", "platform", "submap", "features")
# One copy of 8 bytes, and next to nothing of the hypercall's own.
BARE = ("platform", "submap")

# What the project has promised, in instructions a copy: of a plain table,
HIT_OVER_PHYS = 120
MISS_OVER_WALK = 60
NO_ENTRIES_OVER_WALK = 10
# and of what remembers translations.
PINNED = 125
CACHED = 125
FIRST_OVER_PHYS = 200
KNOWN_MISS_OVER_WALK = 40
NO_ENTRIES_FAST = 6
# Of an entry that comes and goes, alone and among 63 others, above what two
# hypercalls cost that do nothing.
UPDATE_ALONE = 10000
UPDATE_AMONG = 3000
# In percent: of a change of the P2M, by vCPUs with an entry each.
P2M_WITHOUT_ENTRIES = 0.5
P2M_WITH_ENTRIES = {1: 3, 128: 5}
# In percent, and as a factor.
LARGE_OVER_HELD = 10
RUNSTATE_OF_TODAY = 61
# The same where an exit to Xen costs as few instructions as on hardware.
BOCHS_OF_TODAY = (("get_features", "features", 12),
                  ("get_runstate_info", "runstate", 20))
GROWTH = 2
# Exact but for the share of a few instructions around a loop.
RESOLUTION = 0.5
# A call without a copy that varies by more makes differences meaningless.
UNSTABLE = 0.05


def number(value):
    return "-" if value is None else "{:,.0f}".format(value)


def summarise(values):
    values = sorted(values)
    return {
        "n": len(values),
        "min": round(values[0], 3),
        "median": round(statistics.median(values), 3),
        "p99": round(values[math.ceil(0.99 * len(values)) - 1], 3),
        "max": round(values[-1], 3),
        "mean": round(statistics.fmean(values), 3),
        "stddev": round(statistics.pstdev(values), 3),
    }


def figures(boot, samples):
    """One figure for each name, in instructions a call."""
    result = []
    for name, (unit, count, values) in samples.items():
        way, leaf, entries, call = name.split(".")
        if unit != "instructions":
            raise ValueError("%s is in %s" % (name, unit))
        result.append({
            "boot": boot, "way": way, "leaf": leaf, "entries": int(entries),
            "call": call, "calls": count,
            "statistics": summarise([v / count for v in values]),
        })
    return result


def p2m_figures(boot, samples):
    """The same of changes of the P2M, in instructions a change."""
    result = []
    for name, (unit, count, values) in samples.items():
        what, vcpus, entries, change = name.split(".")
        if what != "p2m" or unit != "instructions":
            raise ValueError("%s is in %s" % (name, unit))
        result.append({
            "boot": boot, "vcpus": int(vcpus), "entries": int(entries),
            "change": change, "changes": count,
            "statistics": summarise([v / count for v in values]),
        })
    return result


def p2m_costs(rows):
    """Least instructions, by boot, vCPUs, entries and change."""
    return {(row["boot"], row["vcpus"], row["entries"], row["change"]):
            row["statistics"]["min"] for row in rows}


def p2m_targets(rows):
    """By how many percent the change costs more that suffers most."""
    costs = p2m_costs(rows)
    result = []
    for entries, limits in ((0, dict.fromkeys(
            {row["vcpus"] for row in rows}, P2M_WITHOUT_ENTRIES)),
                            (1, P2M_WITH_ENTRIES)):
        for vcpus, limit in sorted(limits.items()):
            worst = max(((100 * (cost / costs["unpatched", vcpus, 0, change]
                                 - 1), change)
                         for (boot, n, e, change), cost in costs.items()
                         if (boot, n, e) == ("patched", vcpus, entries)),
                        default=None)
            if worst:
                result.append({
                    "name": "P2M change (%s), %d vCPUs, %d entries each"
                            % (worst[1], vcpus, entries),
                    "limit": limit, "unit": "%", "value": round(worst[0], 2),
                    "met": worst[0] <= limit})
    return result


class Set:
    """Figures, to be found by what they are of."""

    def __init__(self, instructions):
        self.by_key = {}
        for figure in instructions:
            key = tuple(figure[k] for k in ("boot", "way", "leaf", "entries",
                                            "call"))
            self.by_key[key] = figure

    def call(self, boot, way, leaf, entries, call):
        """Least instructions of a call; None if not measured."""
        figure = self.by_key.get((boot, way, leaf, entries, call))
        return figure["statistics"]["min"] if figure else None

    def empty(self, boot, way, entries, call):
        """The same call without a copy, made in the same circumstances."""
        for key in ((way, entries), (way, 1), ("walk", 0)):
            value = self.call(boot, key[0], "4k", key[1], call)
            if value is not None:
                return value
        return None

    def copy(self, boot, way, leaf, entries, call):
        """Instructions of one copy; None if not measured."""
        if call not in CALLS:
            return None
        _, copies, empty_call, _ = CALLS[call]
        value = self.call(boot, way, leaf, entries, call)
        empty = self.empty(boot, way, entries, empty_call)
        if value is None or empty is None:
            return None
        return (value - empty) / copies

    def copies(self):
        result = []
        for key in self.by_key:
            value = self.copy(*key)
            if value is None:
                continue
            boot, way, leaf, entries, call = key
            today = self.copy("unpatched", "walk", leaf, 0, call)
            result.append({
                "boot": boot, "way": way, "leaf": leaf, "entries": entries,
                "call": call, "bytes": CALLS[call][0],
                "direction": CALLS[call][3],
                "instructions": round(value, 2),
                "of_today": round(value / today, 4) if today else None,
            })
        return result

    def unstable(self):
        """Calls without a copy that cannot be relied on."""
        return [key for key, figure in self.by_key.items()
                if key[4] in EMPTY and
                figure["statistics"]["median"] >
                figure["statistics"]["min"] * (1 + UNSTABLE)]

    def worst(self, this, other, calls=SMALL, leaves=("4k", "2m", "1g")):
        """By how much a copy by this way costs more than by the other one;
        ways are (boot, way, entries)."""
        differences = []
        for call in calls:
            for leaf in leaves:
                a = self.copy(this[0], this[1], leaf, this[2], call)
                b = self.copy(other[0], other[1], leaf, other[2], call)
                if a is not None and b is not None:
                    differences.append(a - b)
        return max(differences) if differences else None

    def worst_call(self, this, other):
        """The same for whole calls, the empty ones included, either way; in
        whole instructions, as the loop's own share is no difference."""
        differences = []
        for (boot, way, leaf, entries, call) in self.by_key:
            if (boot, way, entries) == this:
                b = self.call(other[0], other[1], leaf, other[2], call)
                if b is not None:
                    differences.append(round(abs(self.call(
                        boot, way, leaf, entries, call) - b)))
        return max(differences) if differences else None

    def most(self, this, calls):
        """The dearest of copies by this way."""
        values = [self.copy(this[0], this[1], "4k", this[2], call)
                  for call in calls]
        values = [value for value in values if value is not None]
        return max(values) if values else None

    def above_held(self, way, size):
        """By how many percent a copy costs more than a held mapping's."""
        call = "read-%d" % size
        value = self.copy("patched", way, "4k", 1, call)
        held = self.copy("held-mapping", "held", "4k", 0, call)
        if value is None or held is None:
            return None
        return 100 * (value / held - 1)

    def growth(self, this, other):
        """By which factor copies by this way cost more; the worst call."""
        factors = []
        for call in SMALL:
            a = self.copy(this[0], this[1], "4k", this[2], call)
            b = self.copy(other[0], other[1], "4k", other[2], call)
            if a is not None and b is not None:
                factors.append(a / b)
        return max(factors) if factors else None

    def share_of_call(self, this, other, call):
        """The whole call in percent of the other way's."""
        a = self.call(this[0], this[1], "4k", this[2], call)
        b = self.call(other[0], other[1], "4k", other[2], call)
        return None if a is None or b is None else 100 * a / b

    def update(self, others):
        """To insert an entry and to purge it, beside others; without what two
        hypercalls cost."""
        both = self.call("patched", "update", "4k", others, "insert-purge")
        empty = self.empty("patched", "walk", 0, "is-up")
        return None if both is None or empty is None else both - 2 * empty

    def targets(self):
        rows = self.targets_of_table() + self.targets_of_memory()
        return [{
            "name": name, "limit": limit, "unit": unit,
            "value": round(value, 2),
            "met": value <= limit + (RESOLUTION if unit == "instructions"
                                     else 0),
        } for name, limit, value, unit in rows if value is not None]

    def targets_of_table(self):
        today, phys = ("unpatched", "walk", 0), ("guest-physical", "phys", 0)
        rows = (
            ("a hit costs at most the guest-physical way and",
             HIT_OVER_PHYS, self.worst(("patched", "hit", 1), phys)),
            ("a miss (table of 1 entry) adds to today's walk at most",
             MISS_OVER_WALK, self.worst(("patched", "miss", 1), today)),
            ("a vCPU without entries pays at most",
             NO_ENTRIES_OVER_WALK, self.worst(("patched", "walk", 0), today)),
            ("with swtlb=off a vCPU pays at most",
             NO_ENTRIES_OVER_WALK, self.worst(("disabled", "walk", 0),
                                              today)),
            ("with CONFIG_SWTLB=n any call differs by",
             0, self.worst_call(("configured-out", "walk", 0), today)),
        )
        return [row + ("instructions",) for row in rows]

    def targets_of_memory(self):
        """Of the cache of translations, and of pinned entries."""
        today, phys = ("unpatched", "walk", 0), ("guest-physical", "phys", 0)
        hit, pinned = ("patched", "hit", 1), ("patched", "pinned", 1)
        rows = [
            ("8 bytes through a pinned entry", PINNED,
             self.most(pinned, BARE), "instructions"),
            ("8 bytes through an entry, remembered", CACHED,
             self.most(hit, BARE), "instructions"),
            ("first touch of a page, above guest-physical", FIRST_OVER_PHYS,
             self.worst(("patched", "first", 1), phys), "instructions"),
        ]
        for label, way in (("pinned", "pinned"), ("remembered", "hit")):
            for size in (4096, 65536):
                rows.append(("%d KiB, %s, above a held mapping"
                             % (size / 1024, label), LARGE_OVER_HELD,
                             self.above_held(way, size), "%"))
        for label, way in (("pinned", pinned), ("remembered", hit)):
            rows.append(("get_runstate_info, %s, whole call of today's"
                         % label, RUNSTATE_OF_TODAY,
                         self.share_of_call(way, today, "runstate"), "%"))
        rows += [
            ("a miss adds to today's walk, where it is remembered",
             KNOWN_MISS_OVER_WALK, self.worst(("patched", "miss", 1), today),
             "instructions"),
            ("a vCPU without entries pays", NO_ENTRIES_FAST,
             self.worst(("patched", "walk", 0), today), "instructions"),
        ]
        for label, others, limit in (("alone", 0, UPDATE_ALONE),
                                     ("among 63", 63, UPDATE_AMONG)):
            rows.append(("insert and purge, %s, above two calls" % label,
                         limit, self.update(others), "instructions"))
        for label, this, other in (
                ("hit, one hot buffer, 1,024 entries to 1",
                 ("patched", "hit", 1024), hit),
                ("pinned, one hot buffer, 1,024 entries to 1",
                 ("patched", "pinned", 1024), pinned),
                ("hit, in turn over 1,024 entries, to 1,024 pages of 1",
                 ("patched", "rotate", 1024), ("patched", "pages", 1024)),
                ("hit, in turn over 1,024 entries, to one hot buffer",
                 ("patched", "rotate", 1024), hit)):
            rows.append((label, GROWTH, self.growth(this, other), "times"))
        return rows


def bochs_targets(machine, figures):
    """Of whole calls on a machine of Bochs."""
    data = Set(figures)
    rows = []
    for label, call, limit in BOCHS_OF_TODAY:
        value = data.share_of_call(("patched", "hit", 1),
                                   ("unpatched", "walk", 0), call)
        if value is not None:
            rows.append({
                "name": "%s, remembered, on Bochs (%s), of today's" % (
                    label, machine),
                "limit": limit, "unit": "%", "value": round(value, 2),
                "met": value <= limit,
            })
    return rows


def native(samples):
    """Figures of the table itself, as times and as ratios to memcpy."""
    times = {}
    for name, (unit, count, values) in samples.items():
        operation, entries = name.rsplit(".", 1)
        if unit != "ns":
            raise ValueError("%s is in %s" % (name, unit))
        times[operation, int(entries)] = summarise(
            [v / count for v in values])
    result = []
    for (operation, entries), figure in times.items():
        row = {"operation": operation, "entries": entries,
               "nanoseconds": figure}
        for size in (48, 4096):
            row["of_memcpy_%d" % size] = round(
                figure["median"] / times["memcpy-%d" % size, 0]["median"], 3)
        result.append(row)
    return result
