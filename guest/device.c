// SPDX-License-Identifier: GPL-2.0-only
/*
 * /dev/xen/swtlb: what /dev/xen/hypercall is, memory for hypercall buffers of
 * programs, and registered as long as it is mapped.  docs/device.md says how
 * to have the toolstack use it.
 *
 * An address of user space means something else in every process, and all
 * processes share one table.  So an entry is inserted with
 * XEN_SWTLB_FLAG_space, in the context of its process: Xen lets it count only
 * while CR3 holds that process's page tables.  And as entries cannot overlap,
 * an address is given to one process at a time.
 *
 * Whatever becomes of a mapping, its entries go before the page tables can
 * become another process's: with the mapping (unmapped, exec, exit), or
 * earlier, when it is split or its protection changes.  It is a plain one
 * then, and Xen walks, as it does for a mapping that could not be registered
 * in the first place.  A mapping whose entries Xen took, or the kernel needed,
 * gets them back as soon as there is room.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/cc_platform.h>
#include <linux/fs.h>
#include <linux/gfp.h>
#include <linux/kthread.h>
#include <linux/list.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/pfn.h>
#include <linux/random.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include <xen/xen.h>

#include "compat.h"
#include "internal.h"
#include "xen-swtlb-dev.h"

static bool device = true;
module_param(device, bool, 0444);
MODULE_PARM_DESC(device, "Offer /dev/xen/swtlb to programs (default Y)");

static uint device_entries = 1024;
module_param(device_entries, uint, 0644);
MODULE_PARM_DESC(device_entries, "Most entries for programs, where there is room (default 1024)");

static uint device_process = 64;
module_param(device_process, uint, 0644);
MODULE_PARM_DESC(device_process, "Most of these entries for one process (default 64)");

/* Where addresses are looked for first: programs have nothing there. */
#define ARENA_START	0x610000000000ul
#define ARENA_SIZE	0x010000000000ul

/* Pages that follow each other in memory: an entry. */
struct run {
	unsigned int first;
	unsigned int nr;
};

struct buffer {
	struct list_head list;		/* in buffers, waiting, or none */
	struct mm_struct *mm;
	unsigned long start;		/* where it was mapped */
	unsigned long pgoff;
	unsigned int vmas;		/* more than one once it is split */
	unsigned int generation;	/* of the table, when it was inserted */
	unsigned int tried;		/* in which round, the latest */
	bool waits;			/* for entries again */
	bool ended;			/* in vain so far, and counted */
	bool stuck;			/* Xen may still write to the pages */
	unsigned int nr_runs;
	struct run *runs;
	unsigned int nr_pages;
	struct page *pages[];
};

/* What became of mappings, since the module was loaded. */
static struct {
	unsigned long mapped;
	unsigned long registered;
	unsigned long collided;		/* the address is another process's */
	unsigned long limited;		/* for the reasons that follow */
	unsigned long by_process;	/* ... device_process */
	unsigned long by_all;		/* ... device_entries */
	unsigned long by_room;		/* ... what is left of Xen's entries */
	unsigned long ended;		/* its entries, before itself */
} counts;

/*
 * Guards the above and all that follows.  The order is mmap_lock, buffers_lock,
 * table_lock.
 */
static DEFINE_MUTEX(buffers_lock);
static LIST_HEAD(buffers);		/* registered */
/*
 * Buffers that have lost their entries: Xen has forgotten all, or the kernel
 * needed the room, or the domain is on a Xen that has none to give.  They get
 * them back when there is room, or on another Xen: see renew_lost().
 */
static LIST_HEAD(waiting);
static unsigned int nr_waiting;
static unsigned int round;		/* of trying those */
static unsigned int nr_entries;
static unsigned long nr_pages;		/* of all buffers, registered or not */
static unsigned long arena_next;
static bool offered;			/* Xen knows of address spaces */

/* ---- registration ------------------------------------------------------- */

static unsigned long size_of(const struct buffer *b)
{
	return (unsigned long)b->nr_pages << PAGE_SHIFT;
}

static bool is_registered(const struct buffer *b)
{
	return !list_empty(&b->list) && !b->waits;
}

static struct buffer *find_in(struct list_head *list, unsigned long start,
			      unsigned long size)
{
	struct buffer *b;

	list_for_each_entry(b, list, list)
		if (start < b->start + size_of(b) && b->start < start + size)
			return b;

	return NULL;
}

/* The registered buffer that has some of these addresses, in any process. */
static struct buffer *find_buffer(unsigned long start, unsigned long size)
{
	return find_in(&buffers, start, size);
}

static unsigned int entries_of(const struct mm_struct *mm)
{
	struct buffer *b;
	unsigned int n = 0;

	list_for_each_entry(b, &buffers, list)
		if (b->mm == mm)
			n += b->nr_runs;

	return n;
}

/* No page is reached through an entry any more when it returns. */
static void purge_entries(struct buffer *b)
{
	int err = swtlb_table_purge_user(b->start, size_of(b));

	/*
	 * Xen has lost them, as after suspend; or it is one without a software
	 * TLB, or has it off for this domain, and so looks at no entry.
	 */
	if (err == -ENODATA || err == -ENOSYS || err == -EOPNOTSUPP)
		return;
	if (WARN_ONCE(err, "xen_swtlb: error %d: a buffer stays registered\n",
		      err))
		b->stuck = true;
}

/* In the context of the buffer's process: Xen looks at CR3. */
static int insert_entries(struct buffer *b)
{
	unsigned int i;
	int err = 0;

	/* Should Xen forget the first before the last is there, it shows. */
	b->generation = swtlb_table_generation();
	for (i = 0; !err && i < b->nr_runs; i++) {
		const struct run *r = &b->runs[i];

		err = swtlb_table_insert_user(b->mm,
					      b->start + ((u64)r->first << PAGE_SHIFT),
					      PFN_PHYS(page_to_pfn(b->pages[r->first])),
					      (u64)r->nr << PAGE_SHIFT);
	}
	if (err)
		purge_entries(b);

	return err;
}

static void renew_lost(struct work_struct *work);
static DECLARE_WORK(renew_work, renew_lost);

/* Which limit @b would be beyond, as it is counted; or NULL. */
static unsigned long *limit_of(const struct buffer *b, const char **by)
{
	if (entries_of(b->mm) + b->nr_runs > device_process) {
		*by = "the process has device_process";
		return &counts.by_process;
	}
	if (nr_entries + b->nr_runs > device_entries) {
		*by = "programs have device_entries";
		return &counts.by_all;
	}
	if (nr_entries + b->nr_runs > swtlb_table_room()) {
		*by = "the rest of Xen's is the kernel's";
		return &counts.by_room;
	}

	return NULL;
}

static void count_limited(unsigned long *count, const char *by)
{
	counts.limited++;
	++*count;
	pr_info_ratelimited("%s (%d): a buffer is not registered: %s\n",
			    current->comm, task_tgid_nr(current), by);
}

static void add_registered(struct buffer *b)
{
	nr_entries += b->nr_runs;
	list_add_tail(&b->list, &buffers);
	/* Forgotten again?  swtlb_device_lost() may not have seen it. */
	if (b->generation != swtlb_table_generation())
		schedule_work(&renew_work);
}

static void register_buffer(struct buffer *b)
{
	unsigned long *limit;
	const char *by;
	int err;

	if (!offered)
		return;

	if (find_buffer(b->start, size_of(b))) {
		counts.collided++;
		return;
	}
	limit = limit_of(b, &by);
	if (limit) {
		count_limited(limit, by);
		return;
	}

	err = insert_entries(b);
	if (err == -ENOSPC)
		count_limited(&counts.by_room, "Xen has no entry left");
	if (err)
		return;

	counts.registered++;
	add_registered(b);
}

/* Its entries go, and so there is room for those of one that waits. */
static void unregister_buffer(struct buffer *b)
{
	list_del_init(&b->list);
	nr_entries -= b->nr_runs;
	purge_entries(b);
	if (nr_waiting)
		schedule_work(&renew_work);
}

static void stop_waiting(struct buffer *b)
{
	list_del_init(&b->list);
	b->waits = false;
	nr_waiting--;
}

/*
 * Those whose entries Xen has forgotten; some may be there, if it did so in the
 * midst of an insertion.  What is registered since then is left alone.
 */
static void collect_lost(void)
{
	unsigned int now = swtlb_table_generation();
	struct buffer *b, *next;

	list_for_each_entry_safe(b, next, &buffers, list) {
		if (b->generation == now)
			continue;
		list_del_init(&b->list);
		nr_entries -= b->nr_runs;
		purge_entries(b);
		/* Nothing is to be inserted over what may be there. */
		if (b->stuck) {
			counts.ended++;
			continue;
		}
		b->waits = true;
		b->ended = false;
		b->tried = round - 1;
		list_add_tail(&b->list, &waiting);
		nr_waiting++;
	}
}

/* A process with a buffer that waits and was not tried in this round. */
static struct mm_struct *find_waiting(void)
{
	struct buffer *b;

	list_for_each_entry(b, &waiting, list)
		/* Of a process that ends the mappings are about to go. */
		if (b->tried != round && mmget_not_zero(b->mm))
			return b->mm;

	return NULL;
}

/* Its addresses may be another process's by now. */
static void try_again(struct buffer *b)
{
	const char *by;

	if (find_buffer(b->start, size_of(b)) || limit_of(b, &by) ||
	    insert_entries(b)) {
		counts.ended += !b->ended;
		b->ended = true;
		/* Nothing is to be inserted over what may be there. */
		if (b->stuck)
			stop_waiting(b);
		return;
	}

	stop_waiting(b);
	add_registered(b);
}

/*
 * Entries of programs can only be inserted in the context of each.  Until then
 * they are walked.  Each buffer is tried once a round, and a round begins
 * whenever there may be more room than in the one before.
 */
static void renew_lost(struct work_struct *work)
{
	struct mm_struct *mm;
	struct buffer *b, *next;

	mutex_lock(&buffers_lock);
	round++;
	mutex_unlock(&buffers_lock);

	for (;;) {
		mutex_lock(&buffers_lock);
		collect_lost();
		mm = find_waiting();
		mutex_unlock(&buffers_lock);
		if (!mm)
			return;

		kthread_use_mm(mm);
		mutex_lock(&buffers_lock);
		list_for_each_entry_safe(b, next, &waiting, list)
			if (b->mm == mm) {
				b->tried = round;
				try_again(b);
			}
		mutex_unlock(&buffers_lock);
		kthread_unuse_mm(mm);
		/* It may be the last to use it, and have to unmap it all. */
		mmput(mm);
	}
}

/* From table.c, with interrupts off.  No device any more, no buffers. */
void swtlb_device_lost(void)
{
	if (!list_empty(&buffers) || !list_empty(&waiting))
		schedule_work(&renew_work);
}

/* From table.c: the kernel may have fewer entries than before. */
void swtlb_device_room(void)
{
	if (!list_empty(&waiting))
		schedule_work(&renew_work);
}

/* ---- memory ------------------------------------------------------------- */

/*
 * As few runs as can be had: one, if there is memory in one piece.  None of
 * this is worth the effort of making some.
 */
static int get_pages(struct buffer *b)
{
	const gfp_t gfp = GFP_KERNEL_ACCOUNT | __GFP_ZERO;
	unsigned int done = 0, most = 512, nr, i;

	while (done < b->nr_pages) {
		if (fatal_signal_pending(current))
			goto fail;
		/* What could not be had will not be had the next time. */
		nr = min_t(unsigned int, b->nr_pages - done, most);
		for (;;) {
			void *p = alloc_pages_exact(nr * PAGE_SIZE, nr == 1 ? gfp :
						    gfp | __GFP_NORETRY | __GFP_NOWARN);

			if (p) {
				for (i = 0; i < nr; i++)
					b->pages[done + i] = virt_to_page(p) + i;
				break;
			}
			if (nr == 1)
				goto fail;
			nr = (nr + 1) / 2;
			most = nr;
		}
		done += nr;
	}

	return 0;

fail:
	b->nr_pages = done;

	return -ENOMEM;
}

static int find_runs(struct buffer *b)
{
	unsigned int i;

	for (i = 0; i < b->nr_pages; i++)
		if (!i || page_to_pfn(b->pages[i]) != page_to_pfn(b->pages[i - 1]) + 1)
			b->nr_runs++;

	b->runs = kvcalloc(b->nr_runs, sizeof(*b->runs), GFP_KERNEL_ACCOUNT);
	if (!b->runs)
		return -ENOMEM;

	b->nr_runs = 0;
	for (i = 0; i < b->nr_pages; i++) {
		if (!i || page_to_pfn(b->pages[i]) != page_to_pfn(b->pages[i - 1]) + 1)
			b->runs[b->nr_runs++].first = i;
		b->runs[b->nr_runs - 1].nr++;
	}

	return 0;
}

static void free_buffer(struct buffer *b)
{
	unsigned int i;

	/* Better to lose the memory than to let Xen write to another's. */
	if (b->stuck)
		return;

	for (i = 0; i < b->nr_pages; i++)
		__free_page(b->pages[i]);
	kvfree(b->runs);
	kvfree(b);
}

static struct buffer *new_buffer(struct vm_area_struct *vma)
{
	struct buffer *b;

	/* Of any size, as long as there is memory: nothing to warn of. */
	b = kvzalloc(struct_size(b, pages, vma_pages(vma)),
		     GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	if (!b)
		return NULL;

	INIT_LIST_HEAD(&b->list);
	b->mm = vma->vm_mm;
	b->start = vma->vm_start;
	b->pgoff = vma->vm_pgoff;
	b->vmas = 1;
	b->nr_pages = vma_pages(vma);
	if (get_pages(b) || find_runs(b)) {
		free_buffer(b);
		return NULL;
	}

	return b;
}

/* ---- mappings ----------------------------------------------------------- */

/* A part of it, or the same at another place for a moment: see no_mremap(). */
static void vma_open(struct vm_area_struct *vma)
{
	struct buffer *b = vma->vm_private_data;

	mutex_lock(&buffers_lock);
	b->vmas++;
	mutex_unlock(&buffers_lock);
}

static void vma_close(struct vm_area_struct *vma)
{
	struct buffer *b = vma->vm_private_data;
	bool last;

	mutex_lock(&buffers_lock);
	last = !--b->vmas;
	if (last) {
		if (is_registered(b))
			unregister_buffer(b);
		else if (b->waits)
			stop_waiting(b);
		nr_pages -= b->nr_pages;
	}
	mutex_unlock(&buffers_lock);

	if (last)
		free_buffer(b);
}

/* The mapping stays, the entries go. */
static void make_plain(struct vm_area_struct *vma)
{
	struct buffer *b = vma->vm_private_data;

	mutex_lock(&buffers_lock);
	if (is_registered(b)) {
		unregister_buffer(b);
		counts.ended++;
	} else if (b->waits) {
		stop_waiting(b);
	}
	mutex_unlock(&buffers_lock);
}

/* Something is done to a part of it, such as unmapping it. */
static int vma_may_split(struct vm_area_struct *vma, unsigned long addr)
{
	make_plain(vma);

	return 0;
}

/* Xen does not ask the page tables whether it may write. */
static int vma_mprotect(struct vm_area_struct *vma, unsigned long start,
			unsigned long end, unsigned long newflags)
{
	if ((newflags & (VM_READ | VM_WRITE)) != (VM_READ | VM_WRITE))
		make_plain(vma);

	return 0;
}

/* A hypercall may be using it. */
static int no_mremap(struct vm_area_struct *vma)
{
	return -EINVAL;
}

/* All is mapped from the start.  This is for who has had it taken out. */
static vm_fault_t vma_fault(struct vm_fault *vmf)
{
	struct buffer *b = vmf->vma->vm_private_data;
	unsigned long i = vmf->pgoff - b->pgoff;

	if (i >= b->nr_pages)
		return VM_FAULT_SIGBUS;

	vmf->page = b->pages[i];
	get_page(vmf->page);

	return 0;
}

static const struct vm_operations_struct buffer_vm_ops = {
	.open = vma_open,
	.close = vma_close,
	.may_split = vma_may_split,
	.mprotect = vma_mprotect,
	.mremap = no_mremap,
	.fault = vma_fault,
};

/* As much as is asked for: a toolstack's bitmap of a guest's memory is large. */
static int device_mmap(struct file *file, struct vm_area_struct *vma)
{
	struct buffer *b;
	int err;

	if (!(vma->vm_flags & VM_SHARED))
		return -EINVAL;

	b = new_buffer(vma);
	if (!b)
		return -ENOMEM;

	/* As a hypercall does not wait for a page to come in. */
	err = vm_map_pages_zero(vma, b->pages, b->nr_pages);
	if (err) {
		free_buffer(b);
		return err;
	}

	swtlb_vm_flags_set(vma, VM_IO | VM_DONTEXPAND | VM_DONTCOPY | VM_DONTDUMP);
	vma->vm_ops = &buffer_vm_ops;
	vma->vm_private_data = b;

	mutex_lock(&buffers_lock);
	counts.mapped++;
	nr_pages += b->nr_pages;
	if ((vma->vm_flags & (VM_READ | VM_WRITE)) == (VM_READ | VM_WRITE))
		register_buffer(b);
	mutex_unlock(&buffers_lock);

	return 0;
}

/*
 * A hint, no more: device_mmap() finds out whether the addresses are free.
 * Zero if there is no gap, which a process can bring about that maps at
 * addresses of its own: each step is beyond a buffer that is registered or is
 * to be again, and it goes round once.
 */
static unsigned long arena_hint(unsigned long len)
{
	unsigned long addr;
	bool again = false;
	struct buffer *b;

	if (len > ARENA_SIZE / 2)
		return 0;

	mutex_lock(&buffers_lock);
	addr = arena_next;
	for (;;) {
		if (addr + len > ARENA_START + ARENA_SIZE) {
			if (again) {
				addr = 0;
				break;
			}
			again = true;
			addr = ARENA_START;
		}
		b = find_buffer(addr, len) ?: find_in(&waiting, addr, len);
		if (!b) {
			/* A page that nobody has, for what overruns. */
			arena_next = addr + len + PAGE_SIZE;
			break;
		}
		addr = b->start + size_of(b);
	}
	mutex_unlock(&buffers_lock);

	return addr;
}

static unsigned long device_get_unmapped_area(struct file *file,
					      unsigned long addr,
					      unsigned long len,
					      unsigned long pgoff,
					      unsigned long flags)
{
	if (!addr && !(flags & MAP_FIXED))
		addr = arena_hint(len);

	return swtlb_get_unmapped_area(file, addr, len, pgoff, flags);
}

/* This process's, which has lost its entries: it can have them at once. */
static void try_again_now(unsigned long addr)
{
	struct buffer *b, *next;

	collect_lost();
	list_for_each_entry_safe(b, next, &waiting, list)
		if (b->mm == current->mm && addr - b->start < size_of(b))
			try_again(b);
}

/* See xen-swtlb-dev.h: @arg is an address, of any width. */
static long device_ioctl(struct file *file, unsigned int cmd,
			 unsigned long arg)
{
	struct buffer *b;
	bool yes;

	if (cmd != XEN_SWTLB_DEV_REGISTERED)
		return -ENOTTY;

	mutex_lock(&buffers_lock);
	try_again_now(arg);
	b = find_buffer(arg, 1);
	yes = b && b->mm == current->mm &&
	      b->generation == swtlb_table_generation();
	mutex_unlock(&buffers_lock);

	return yes ? 0 : -ENODATA;
}

static const struct file_operations device_fops = {
	.owner = THIS_MODULE,
	.mmap = device_mmap,
	.unlocked_ioctl = device_ioctl,
	.compat_ioctl = device_ioctl,
	.get_unmapped_area = device_get_unmapped_area,
};

static struct miscdevice misc = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "xen/swtlb",
	.mode = 0600,
	.fops = &device_fops,
};

/* ---- the module's interface --------------------------------------------- */

/* Xen can hold an entry against CR3: it knows how, and can see it. */
static bool spaces_offered(void)
{
	union swtlb_answer *a;
	bool yes = false;

	if (cc_platform_has(CC_ATTR_GUEST_MEM_ENCRYPT) ||
	    cc_platform_has(CC_ATTR_GUEST_STATE_ENCRYPT))
		return false;

	a = kzalloc(sizeof(*a), GFP_KERNEL);
	if (a && !swtlb_query(swtlb_vcpu(0), XEN_SWTLB_QUERY_limits, 0, a))
		yes = a->limits.flags & XEN_SWTLB_FLAG_space;
	kfree(a);

	return yes;
}

/* Then programs have entries, and must not get others by themselves. */
bool swtlb_device_wanted(void)
{
	return device;
}

/* @active: there is a table.  If not, all mappings are plain. */
void swtlb_device_init(bool active)
{
	int err;

	if (!xen_domain())
		device = false;
	if (!device)
		return;

	offered = active && spaces_offered();
	/* Somewhere else each time, as it is with all addresses. */
	arena_next = ARENA_START +
		     (get_random_u32() % (ARENA_SIZE >> PAGE_SHIFT) << PAGE_SHIFT);

	err = misc_register(&misc);
	if (err) {
		pr_warn("error %d: no /dev/xen/swtlb\n", err);
		device = false;
	}
}

/* With the table still there, and nobody using the device any more. */
void swtlb_device_exit(void)
{
	if (!device)
		return;

	misc_deregister(&misc);
	cancel_work_sync(&renew_work);
}

void swtlb_device_show(struct seq_file *m)
{
	if (!device)
		return;

	mutex_lock(&buffers_lock);
	seq_printf(m, "device %s entries %u pages %lu mapped %lu",
		   offered ? "registers" : "plain", nr_entries, nr_pages,
		   counts.mapped);
	seq_printf(m, " registered %lu collided %lu limited %lu ended %lu",
		   counts.registered, counts.collided, counts.limited,
		   counts.ended);
	seq_printf(m, " by_process %lu by_all %lu by_room %lu room %u",
		   counts.by_process, counts.by_all, counts.by_room,
		   offered ? min(device_entries, swtlb_table_room()) : 0);
	seq_printf(m, " waiting %u\n", nr_waiting);
	mutex_unlock(&buffers_lock);
}
