// SPDX-License-Identifier: GPL-2.0-only
/*
 * xen-swtlb/status in debugfs: what Xen says of each CPU, asked when the file
 * is read.  docs/guest.md describes the lines; scripts read them, so add
 * words at the ends of lines only.
 *
 * It shows where the kernel is in memory, and therefore is for root alone.
 */
#include <linux/cpu.h>
#include <linux/debugfs.h>
#include <linux/fs.h>
#include <linux/security.h>
#include <linux/seq_file.h>
#include <linux/slab.h>

#include "internal.h"

static struct dentry *dir;

static void show_limits(struct seq_file *m, union swtlb_answer *a)
{
	int err = swtlb_query(swtlb_vcpu(raw_smp_processor_id()),
			      XEN_SWTLB_QUERY_limits, 0, a);

	if (err)
		seq_printf(m, "limits error %d\n", err);
	else
		seq_printf(m, "limits abi %u max_entries %u flags %#x max_pinned %u\n",
			   a->limits.abi, a->limits.max_entries,
			   a->limits.flags, a->limits.max_pinned);
}

static void show_hypercalls(struct seq_file *m, unsigned int cpu)
{
	struct swtlb_counts all = {}, of[SWTLB_CALLS];
	struct swtlb_away away;
	u32 size, used, peak;
	unsigned int i;

	for (i = 0; i < SWTLB_CALLS; i++) {
		swtlb_get_counts(cpu, i, &of[i]);
		all.marshalled += of[i].marshalled;
		all.user += of[i].user;
		all.uncovered += of[i].uncovered;
		all.refused += of[i].refused;
	}

	swtlb_buf_usage(cpu, &size, &used, &peak);
	seq_printf(m, "buffer cpu %u size %u used %u peak %u\n", cpu, size,
		   used, peak);
	seq_printf(m, "hypercalls cpu %u passed %lu marshalled %u", cpu,
		   swtlb_get_passed(cpu), all.marshalled);
	seq_printf(m, " user %u uncovered %u refused %u\n", all.user,
		   all.uncovered, all.refused);

	away = swtlb_get_away(cpu);
	seq_printf(m, "away cpu %u misses %llu refused %llu\n", cpu,
		   away.misses, away.refused);
	for (i = 0; i < SWTLB_CALLS; i++) {
		if (!of[i].user && !of[i].uncovered && !of[i].refused)
			continue;

		seq_printf(m, "missed cpu %u hypercall %u user %u", cpu, i,
			   of[i].user);
		seq_printf(m, " uncovered %u refused %u\n", of[i].uncovered,
			   of[i].refused);
	}
}

static void show_cpu(struct seq_file *m, unsigned int cpu, union swtlb_answer *a)
{
	u32 vcpu = swtlb_vcpu(cpu);
	unsigned int i, nr;
	bool strict;
	int err;

	err = swtlb_query(vcpu, XEN_SWTLB_QUERY_state, 0, a);
	if (err)
		goto failed;

	nr = a->state.nr_entries;
	strict = a->state.flags & XEN_SWTLB_STATE_strict;
	seq_printf(m, "cpu %u vcpu %u entries %u sharers %u", cpu, vcpu, nr,
		   a->state.nr_sharers);

	err = swtlb_query(vcpu, XEN_SWTLB_QUERY_stats, 0, a);
	if (err) {
		seq_putc(m, '\n');
		goto failed;
	}

	seq_printf(m, " hits %llu misses %llu faults %llu",
		   a->stats.hits, a->stats.misses, a->stats.faults);
	seq_printf(m, " hit_bytes %llu miss_bytes %llu",
		   a->stats.hit_bytes, a->stats.miss_bytes);
	seq_printf(m, " strict %d refused %llu\n", strict, a->stats.refused);

	show_hypercalls(m, cpu);
	/* They tell where the kernel is, which may be a secret to root, too. */
	if (security_locked_down(LOCKDOWN_KCORE)) {
		seq_printf(m, "hidden cpu %u entries %u\n", cpu, nr);
		return;
	}
	for (i = 0; i < nr; i++) {
		/* Fewer than before: the table is being changed. */
		if (swtlb_query(vcpu, XEN_SWTLB_QUERY_entry, i, a))
			break;
		seq_printf(m, "entry cpu %u index %u gva %#llx gpa %#llx size %#llx flags %#x\n",
			   cpu, i, a->entry.gva, a->entry.gpa, a->entry.size,
			   a->entry.flags);
	}

	return;

 failed:
	seq_printf(m, "cpu %u vcpu %u error %d\n", cpu, vcpu, err);
}

static int status_show(struct seq_file *m, void *unused)
{
	const char *idle = swtlb_idle_reason();
	union swtlb_answer *a;
	unsigned int cpu;

	seq_puts(m, "format 1\n");
	if (idle) {
		seq_printf(m, "state idle %s\n", idle);
		return 0;
	}

	a = kzalloc(sizeof(*a), GFP_KERNEL);
	if (!a)
		return -ENOMEM;

	seq_puts(m, "state active\n");
	show_limits(m, a);

	swtlb_device_show(m);

	cpus_read_lock();
	for_each_online_cpu(cpu)
		show_cpu(m, cpu, a);
	cpus_read_unlock();

	kfree(a);

	return 0;
}
DEFINE_SHOW_ATTRIBUTE(status);

/* A kernel without debugfs does without the file. */
void swtlb_status_init(void)
{
	dir = debugfs_create_dir("xen-swtlb", NULL);
	debugfs_create_file("status", 0400, dir, NULL, &status_fops);
}

void swtlb_status_exit(void)
{
	debugfs_remove(dir);
}
