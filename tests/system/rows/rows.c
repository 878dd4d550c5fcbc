// SPDX-License-Identifier: GPL-2.0-only
/* The operations, and with what they are issued. */
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>

#include <xen/interface/xen.h>
#include <xen/interface/event_channel.h>
#include <xen/interface/grant_table.h>
#include <xen/interface/memory.h>
#include <xen/interface/physdev.h>
#include <xen/interface/platform.h>
#include <xen/interface/sched.h>
#include <xen/interface/vcpu.h>
#include <xen/interface/version.h>
#include <xen/interface/hvm/hvm_op.h>
#include <xen/interface/hvm/hvm_vcpu.h>
#include <xen/interface/hvm/params.h>
#include <xen/interface/xenpmu.h>
#include <asm/xen/hypercall.h>

#include <public/swtlb.h>

#include "rows.h"

#define NOBODY		0x7fe0	/* a domain that is not there */
#define NO_GFN		0xffffffffffULL

/* Most have to be zero where nothing else is said. */
#define FILL(name, type, ...)						\
	static void fill_##name(struct buffers *b)			\
	{								\
		type v = { __VA_ARGS__ };				\
									\
		memcpy(b->data, &v, sizeof(v));				\
	}

static void fill_zero(struct buffers *b)
{
	memset(b->data, 0, MAX_LIST);
}

/* ---- event channels ------------------------------------------------------ */

/* A port of our own, for those that need one. */
static evtchn_port_t open_port(void)
{
	static struct evtchn_alloc_unbound alloc;

	alloc.dom = DOMID_SELF;
	alloc.remote_dom = DOMID_SELF;
	alloc.port = 0;
	HYPERVISOR_event_channel_op(EVTCHNOP_alloc_unbound, &alloc);

	return alloc.port;
}

static void close_port(evtchn_port_t port)
{
	static struct evtchn_close close;

	close.port = port;
	HYPERVISOR_event_channel_op(EVTCHNOP_close, &close);
}

static evtchn_port_t our_port;

/* The first field is the port. */
static void fill_port(struct buffers *b)
{
	memset(b->data, 0, 8);
	our_port = open_port();
	memcpy(b->data, &our_port, sizeof(our_port));
}

static void undo_port(struct buffers *b, long res)
{
	close_port(our_port);
}

static void fill_status(struct buffers *b)
{
	struct evtchn_status *v = (void *)b->data;

	our_port = open_port();
	v->dom = DOMID_SELF;
	v->port = our_port;
}

static void fill_interdomain(struct buffers *b)
{
	struct evtchn_bind_interdomain *v = (void *)b->data;

	our_port = open_port();
	v->remote_dom = DOMID_SELF;
	v->remote_port = our_port;
}

static void undo_interdomain(struct buffers *b, long res)
{
	struct evtchn_bind_interdomain *v = (void *)b->data;

	if (!res)
		close_port(v->local_port);
	close_port(our_port);
}

/* Structures that end in the port. */
static void undo_reply(struct buffers *b, long res)
{
	evtchn_port_t port;

	memcpy(&port, b->data + 8, sizeof(port));
	if (!res)
		close_port(port);
}

static void undo_reply_short(struct buffers *b, long res)
{
	evtchn_port_t port;

	memcpy(&port, b->data + 4, sizeof(port));
	if (!res)
		close_port(port);
}

FILL(unbound, struct evtchn_alloc_unbound, .dom = DOMID_SELF)
/* VIRQ_XENOPROF, which nobody has. */
FILL(virq, struct evtchn_bind_virq, .virq = 7)
FILL(pirq, struct evtchn_bind_pirq, .pirq = 0xffffff)
FILL(control, struct evtchn_init_control, .control_gfn = NO_GFN, .offset = 4)
FILL(array, struct evtchn_expand_array, .array_gfn = NO_GFN)
FILL(nobody, u16, NOBODY)

/* ---- scheduling, CPUs ---------------------------------------------------- */

/* It does not get here: one that is open, and a time that is over. */
static void fill_poll(struct buffers *b)
{
	struct sched_poll *v = (void *)b->data;

	our_port = open_port();
	memcpy(b->list[0], &our_port, sizeof(our_port));
	memcpy(b->list[0] + 4, &our_port, sizeof(our_port));
	v->ports = (void *)b->list[0];
	v->nr_ports = 2;
	v->timeout = 1;
}

static void undo_poll(struct buffers *b, long res)
{
	close_port(our_port);
	memset(b->list[0], 0, 8);
}

FILL(remote, struct sched_remote_shutdown, .domain_id = NOBODY)
FILL(pin, struct sched_pin_override, .pcpu = -1)
FILL(watchdog, struct sched_watchdog, .id = 99)

/* Xen keeps the address: hence memory that is never given back. */
static u64 *kept;

static void fill_area(struct buffers *b)
{
	kept = kzalloc(128, GFP_KERNEL);
	memcpy(b->data, &kept, sizeof(kept));
}

/* Xen has written there at once. */
static void undo_area(struct buffers *b, long res)
{
	memset(b->data, kept && !res && !memchr_inv(kept, 0, 128), 8);
}

FILL(period, struct vcpu_set_periodic_timer, .period_ns = 1000000000000ULL)

static void undo_period(struct buffers *b, long res)
{
	HYPERVISOR_vcpu_op(VCPUOP_stop_periodic_timer, 0, NULL);
}

/* It is over: the kernel's timer interrupt comes once more than it should. */
FILL(singleshot, struct vcpu_set_singleshot_timer, .timeout_abs_ns = 1)
FILL(info, struct vcpu_register_vcpu_info, .mfn = NO_GFN)
FILL(no_area, u64, ~0ULL)
FILL(context, struct vcpu_hvm_context, .mode = 99)

/* ---- devices ------------------------------------------------------------- */

FILL(map, struct physdev_map_pirq, .domid = DOMID_SELF, .type = 99,
	.index = -1, .pirq = -1)
FILL(unmap, struct physdev_unmap_pirq, .domid = DOMID_SELF, .pirq = -1)
FILL(gsi, struct physdev_setup_gsi, .gsi = -1)
FILL(mmcfg, struct physdev_pci_mmcfg_reserved, .address = 0x123000,
	.segment = 0x7777)
FILL(pci, struct physdev_pci_device, .seg = 0x7777, .bus = 0xfe, .devfn = 0xff)
FILL(dbgp, struct physdev_dbgp_op, .op = 99)

/* A function of a device that is not there either. */
static void fill_pci_add(struct buffers *b)
{
	struct physdev_pci_device_add v = {
		.flags = XEN_PCI_DEV_VIRTFN | XEN_PCI_DEV_PXM,
		.seg = 0x7777,
	};
	u32 pxm = 0;

	memcpy(b->data, &v, sizeof(v));
	memcpy(b->data + sizeof(v), &pxm, sizeof(pxm));
}

static void undo_pci_add(struct buffers *b, long res)
{
	static struct physdev_pci_device dev;

	dev.seg = 0x7777;
	if (!res)
		HYPERVISOR_physdev_op(PHYSDEVOP_pci_device_remove, &dev);
}

/* ---- HVM ----------------------------------------------------------------- */

FILL(get_param, struct xen_hvm_param, .domid = DOMID_SELF,
	.index = HVM_PARAM_CALLBACK_IRQ)
FILL(set_param, struct xen_hvm_param, .domid = DOMID_SELF, .index = 9999)
FILL(dying, struct xen_hvm_pagetable_dying, .domid = DOMID_SELF)
FILL(mem_type, struct xen_hvm_get_mem_type, .domid = DOMID_SELF, .pfn = 0x100)
FILL(vector, struct xen_hvm_evtchn_upcall_vector, .vector = 1)

/* ---- grants -------------------------------------------------------------- */

/* Elements that are wrong each in its way. */
#define GRANTS 3

static void fill_map_grant(struct buffers *b)
{
	struct gnttab_map_grant_ref *v = (void *)b->data;
	unsigned int i;

	for (i = 0; i < GRANTS; i++) {
		memset(&v[i], 0, sizeof(v[i]));
		v[i].host_addr = NO_GFN << PAGE_SHIFT;
		v[i].flags = GNTMAP_host_map;
		v[i].ref = 0xffffff00 + i;
		v[i].dom = i ? NOBODY : 0;
	}
}

static void fill_unmap_grant(struct buffers *b)
{
	struct gnttab_unmap_grant_ref *v = (void *)b->data;
	unsigned int i;

	for (i = 0; i < GRANTS; i++) {
		memset(&v[i], 0, sizeof(v[i]));
		v[i].handle = 0xffffff00 + i;
	}
}

static void fill_copy_grant(struct buffers *b)
{
	struct gnttab_copy *v = (void *)b->data;
	unsigned int i;

	for (i = 0; i < GRANTS; i++) {
		memset(&v[i], 0, sizeof(v[i]));
		v[i].source.domid = i ? NOBODY : DOMID_SELF;
		v[i].dest.domid = DOMID_SELF;
		v[i].source.u.ref = 0xffffff00;
		v[i].flags = GNTCOPY_source_gref;
		v[i].len = 8;
	}
}

static void fill_swap_grant(struct buffers *b)
{
	struct gnttab_swap_grant_ref *v = (void *)b->data;
	unsigned int i;

	for (i = 0; i < GRANTS; i++) {
		v[i].ref_a = 0xffffff00;
		v[i].ref_b = 0xffffff01;
	}
}

static void fill_setup(struct buffers *b)
{
	struct gnttab_setup_table v = {
		.dom = DOMID_SELF,
		.nr_frames = 1,
		.frame_list = (void *)b->list[0],
	};

	memcpy(b->data, &v, sizeof(v));
}

static void fill_setup_nobody(struct buffers *b)
{
	fill_setup(b);
	((struct gnttab_setup_table *)b->data)->dom = NOBODY;
}

static void fill_status_frames(struct buffers *b)
{
	struct gnttab_get_status_frames v = {
		.dom = DOMID_SELF,
		.nr_frames = 1,
		.frame_list = (void *)b->list[0],
	};

	memcpy(b->data, &v, sizeof(v));
}

FILL(query_size, struct gnttab_query_size, .dom = DOMID_SELF)
FILL(query_nobody, struct gnttab_query_size, .dom = NOBODY, .nr_frames = 77)
FILL(get_version, struct gnttab_get_version, .dom = DOMID_SELF)
FILL(set_version, struct gnttab_set_version, .version = 99)

/* ---- memory -------------------------------------------------------------- */

static void fill_extents(struct buffers *b, u64 gfn)
{
	struct xen_memory_reservation v = {
		.extent_start = (void *)b->list[0],
		.nr_extents = 3,
		.domid = DOMID_SELF,
	};
	u64 list[3] = { gfn, gfn + 1, gfn + 2 };

	memcpy(b->data, &v, sizeof(v));
	memcpy(b->list[0], list, sizeof(list));
}

static void fill_no_extents(struct buffers *b)
{
	fill_extents(b, NO_GFN);
}

static void fill_extents_order(struct buffers *b)
{
	fill_extents(b, NO_GFN);
	((struct xen_memory_reservation *)b->data)->extent_order = 60;
}

/* Memory that Xen takes, and gives back afterwards. */
static struct page *pages;

static void fill_decrease(struct buffers *b)
{
	pages = alloc_pages(GFP_KERNEL, 2);
	fill_extents(b, page_to_pfn(pages));
}

static void undo_decrease(struct buffers *b, long res)
{
	struct buffers again = { kzalloc(64, GFP_KERNEL),
				 { kzalloc(64, GFP_KERNEL) } };

	fill_extents(&again, page_to_pfn(pages));
	HYPERVISOR_memory_op(XENMEM_populate_physmap, again.data);
	kfree(again.data);
	kfree(again.list[0]);
	__free_pages(pages, 2);
	memset(b->list[0], 0, 24);
}

static void fill_populate(struct buffers *b)
{
	struct buffers before = { kzalloc(64, GFP_KERNEL),
				  { kzalloc(64, GFP_KERNEL) } };

	pages = alloc_pages(GFP_KERNEL, 2);
	fill_extents(&before, page_to_pfn(pages));
	HYPERVISOR_memory_op(XENMEM_decrease_reservation, before.data);
	kfree(before.data);
	kfree(before.list[0]);
	fill_extents(b, page_to_pfn(pages));
}

static void undo_populate(struct buffers *b, long res)
{
	__free_pages(pages, 2);
	memset(b->list[0], 0, 24);
}

static void fill_exchange(struct buffers *b)
{
	struct xen_memory_exchange v = {
		.in = {
			.extent_start = (void *)b->list[0],
			.nr_extents = 1,
			.domid = DOMID_SELF,
		},
		.out = {
			.extent_start = (void *)b->list[1],
			.nr_extents = 1,
			.domid = DOMID_SELF,
		},
	};
	u64 gfn = NO_GFN;

	memcpy(b->data, &v, sizeof(v));
	memcpy(b->list[0], &gfn, sizeof(gfn));
	memcpy(b->list[1], &gfn, sizeof(gfn));
}

static void fill_memory_map(struct buffers *b)
{
	struct xen_memory_map v = {
		.nr_entries = 9,
		.buffer = b->list[0],
	};

	memcpy(b->data, &v, sizeof(v));
}

static void fill_foreign_map(struct buffers *b)
{
	memset(b->data, 0, 24);
	*(u16 *)b->data = NOBODY;
	*(u32 *)(b->data + 8) = 2;
	memcpy(b->data + 16, &b->list[0], sizeof(b->list[0]));
}

static void fill_machphys(struct buffers *b)
{
	struct xen_machphys_mfn_list v = {
		.max_extents = 2,
		.extent_start = (void *)b->list[0],
	};

	memcpy(b->data, &v, sizeof(v));
}

static void fill_range(struct buffers *b)
{
	struct xen_add_to_physmap_range v = {
		.domid = DOMID_SELF,
		.space = XENMAPSPACE_gmfn_foreign,
		.size = 3,
		.foreign_domid = NOBODY,
		.idxs = (void *)b->list[0],
		.gpfns = (void *)b->list[1],
		.errs = (void *)b->list[2],
	};
	u64 gfns[3] = { NO_GFN, NO_GFN + 1, NO_GFN + 2 };

	memcpy(b->data, &v, sizeof(v));
	memcpy(b->list[0], gfns, sizeof(gfns));
	memcpy(b->list[1], gfns, sizeof(gfns));
}

static void fill_resource(struct buffers *b)
{
	struct xen_mem_acquire_resource v = {
		.domid = NOBODY,
		.nr_frames = 2,
		.frame_list = (void *)b->list[0],
	};

	memcpy(b->data, &v, sizeof(v));
}

FILL(self, u16, DOMID_SELF)
FILL(add, struct xen_add_to_physmap, .domid = DOMID_SELF, .space = 99)
FILL(remove, struct xen_remove_from_physmap, .domid = DOMID_SELF,
	.gpfn = NO_GFN)
FILL(claim, struct xen_memory_reservation, .domid = NOBODY, .nr_extents = 1)

static void fill_pod(struct buffers *b)
{
	memset(b->data, 0, 40);
	*(u16 *)(b->data + 32) = DOMID_SELF;
}

static void fill_set_pod(struct buffers *b)
{
	memset(b->data, 0, 40);
	*(u16 *)(b->data + 32) = NOBODY;
}

/* ---- platform ------------------------------------------------------------ */

#define PLATFORM(name, number, ...)					\
	static void fill_pf_##name(struct buffers *b)			\
	{								\
		struct xen_platform_op v = {				\
			.cmd = number,					\
			.interface_version = XENPF_INTERFACE_VERSION,	\
			__VA_ARGS__					\
		};							\
									\
		memcpy(b->data, &v, sizeof(v));				\
	}

PLATFORM(settime64, XENPF_settime64, .u.settime64.mbz = 1)
PLATFORM(del_memtype, XENPF_del_memtype, .u.del_memtype.handle = 1)
PLATFORM(read_memtype, XENPF_read_memtype, .u.read_memtype.reg = 255)
PLATFORM(microcode, XENPF_microcode_update,
	 .u.microcode.data = b->list[0], .u.microcode.length = 64)
PLATFORM(quirk, XENPF_platform_quirk, .u.platform_quirk.quirk_id = 99)
PLATFORM(efi_time, XENPF_efi_runtime_call,
	 .u.efi_runtime_call.function = XEN_EFI_get_time)
PLATFORM(efi_next, XENPF_efi_runtime_call,
	 .u.efi_runtime_call.function = XEN_EFI_get_next_variable_name,
	 .u.efi_runtime_call.u.get_next_variable_name.size = 16,
	 .u.efi_runtime_call.u.get_next_variable_name.name = b->list[0])
PLATFORM(efi_info, XENPF_firmware_info,
	 .u.firmware_info.type = XEN_FW_EFI_INFO)
PLATFORM(efi_vendor, XENPF_firmware_info,
	 .u.firmware_info.type = XEN_FW_EFI_INFO,
	 .u.firmware_info.index = XEN_FW_EFI_VENDOR,
	 .u.firmware_info.u.efi_info.vendor.bufsz = 32,
	 .u.firmware_info.u.efi_info.vendor.name = b->list[0])
PLATFORM(mbr, XENPF_firmware_info,
	 .u.firmware_info.type = XEN_FW_DISK_MBR_SIGNATURE)
PLATFORM(edid, XENPF_firmware_info,
	 .u.firmware_info.type = XEN_FW_VBEDDC_INFO,
	 .u.firmware_info.u.vbeddc_info.edid = b->list[0])
PLATFORM(kbd, XENPF_firmware_info,
	 .u.firmware_info.type = XEN_FW_KBD_SHIFT_FLAGS)
PLATFORM(sleep, XENPF_enter_acpi_sleep,
	 .u.enter_acpi_sleep.sleep_state = 99)
PLATFORM(freq, XENPF_change_freq, .u.change_freq.flags = 1)
PLATFORM(cx, XENPF_set_processor_pminfo, .u.set_pminfo.id = 250,
	 .u.set_pminfo.type = XEN_PM_CX, .u.set_pminfo.power.count = 1,
	 .u.set_pminfo.power.states = (void *)b->list[0])
PLATFORM(px, XENPF_set_processor_pminfo, .u.set_pminfo.id = 250,
	 .u.set_pminfo.type = XEN_PM_PX, .u.set_pminfo.perf.state_count = 1,
	 .u.set_pminfo.perf.states = (void *)b->list[0])
PLATFORM(tx, XENPF_set_processor_pminfo, .u.set_pminfo.type = XEN_PM_TX)
PLATFORM(pdc, XENPF_set_processor_pminfo, .u.set_pminfo.id = 250,
	 .u.set_pminfo.type = XEN_PM_PDC,
	 .u.set_pminfo.pdc = (void *)b->list[0])
PLATFORM(cpuinfo, XENPF_get_cpuinfo, .u.pcpu_info.xen_cpuid = 0)
PLATFORM(cpu_online, XENPF_cpu_online, .u.cpu_ol.cpuid = 9999)
PLATFORM(cpu_offline, XENPF_cpu_offline, .u.cpu_ol.cpuid = 9999)
PLATFORM(mem_hotadd, XENPF_mem_hotadd, .u.mem_add.spfn = 2,
	 .u.mem_add.epfn = 1)
PLATFORM(parking, XENPF_core_parking,
	 .u.core_parking.type = XEN_CORE_PARKING_GET)
PLATFORM(symbol, XENPF_get_symbol, .u.symdata.namelen = 100,
	 .u.symdata.name = (void *)b->list[0])
PLATFORM(console, XENPF_get_dom0_console)
PLATFORM(cpu_version, 48)
PLATFORM(ucode_revision, 65)
PLATFORM(microcode2, 66)

static void fill_pf_microcode2_data(struct buffers *b)
{
	fill_pf_microcode2(b);
	*(u32 *)(b->data + 12) = 64;
	memcpy(b->data + 16, &b->list[0], sizeof(b->list[0]));
}

/* ---- other --------------------------------------------------------------- */

FILL(features, struct xen_feature_info, .submap_idx = 0)
FILL(features_bad, struct xen_feature_info, .submap_idx = 99)

static void fill_varbuf(struct buffers *b)
{
	*(u32 *)b->data = 500;
}

static void fill_varbuf_short(struct buffers *b)
{
	*(u32 *)b->data = 1;
}

static void fill_text(struct buffers *b)
{
	memcpy(b->data, "  rows: text on the console\n", 28);
}

static void fill_dm(struct buffers *b)
{
	memset(b->data, 0, 32);
	*(u64 *)(b->data + 8) = 24;
}

FILL(xentrace, u64, 0)

/* ---- the rows ------------------------------------------------------------ */

#define ROW(name_, op, cmd_, which_, size_, ...)			\
	{ .name = name_, .nr = __HYPERVISOR_##op, .cmd = cmd_,		\
	  .which = which_, .size = size_, __VA_ARGS__ }
#define WITH(what)	.fill = fill_##what
#define THEN(what)	.undo = undo_##what
#define AT(...)		.pointers = { __VA_ARGS__ }	/* each plus one */
#define PF(what, ...)							\
	ROW("platform-" #what, platform_op, 0, 0, 136, WITH(pf_##what),	\
	    __VA_ARGS__)
#define SIMPLE(op, cmd, size)						\
	ROW(#op "-" #cmd, op, cmd, 1, size, .fill = fill_zero)

const struct row rows[] = {
	ROW("extraversion", xen_version, XENVER_extraversion, 1, 16,
	    .flags = BY_BUILD),
	ROW("compile_info", xen_version, XENVER_compile_info, 1, 144,
	    .flags = BY_BUILD),
	ROW("capabilities", xen_version, XENVER_capabilities, 1, 1024),
	ROW("changeset", xen_version, XENVER_changeset, 1, 64,
	    .flags = BY_BUILD),
	ROW("platform_parameters", xen_version, XENVER_platform_parameters, 1,
	    8),
	ROW("features", xen_version, XENVER_get_features, 1, 8,
	    WITH(features)),
	ROW("features-bad", xen_version, XENVER_get_features, 1, 8,
	    WITH(features_bad)),
	ROW("guest_handle", xen_version, XENVER_guest_handle, 1, 16,
	    .flags = BY_BUILD),
	ROW("commandline", xen_version, XENVER_commandline, 1, 1024,
	    .flags = BY_BUILD),
	ROW("build_id", xen_version, XENVER_build_id, 1, 504,
	    WITH(varbuf), .flags = BY_BUILD),
	ROW("build_id-short", xen_version, XENVER_build_id, 1, 5,
	    WITH(varbuf_short)),
	ROW("extraversion2", xen_version, 11, 1, 504, WITH(varbuf),
	    .flags = BY_BUILD),
	ROW("capabilities2", xen_version, 12, 1, 504, WITH(varbuf)),
	ROW("changeset2", xen_version, 13, 1, 504, WITH(varbuf),
	    .flags = BY_BUILD),
	ROW("commandline2", xen_version, 14, 1, 504, WITH(varbuf),
	    .flags = BY_BUILD),

	ROW("alloc_unbound", event_channel_op, EVTCHNOP_alloc_unbound, 1, 8,
	    WITH(unbound), THEN(reply_short)),
	ROW("bind_interdomain", event_channel_op, EVTCHNOP_bind_interdomain, 1,
	    12, WITH(interdomain), THEN(interdomain)),
	ROW("bind_virq", event_channel_op, EVTCHNOP_bind_virq, 1, 12,
	    WITH(virq), THEN(reply)),
	ROW("bind_pirq", event_channel_op, EVTCHNOP_bind_pirq, 1, 12,
	    WITH(pirq)),
	ROW("bind_ipi", event_channel_op, EVTCHNOP_bind_ipi, 1, 8, WITH(zero),
	    THEN(reply_short)),
	ROW("close", event_channel_op, EVTCHNOP_close, 1, 4, WITH(port)),
	ROW("send", event_channel_op, EVTCHNOP_send, 1, 4, WITH(port),
	    THEN(port)),
	ROW("status", event_channel_op, EVTCHNOP_status, 1, 24, WITH(status),
	    THEN(port)),
	ROW("bind_vcpu", event_channel_op, EVTCHNOP_bind_vcpu, 1, 8,
	    WITH(port), THEN(port)),
	ROW("unmask", event_channel_op, EVTCHNOP_unmask, 1, 4, WITH(port),
	    THEN(port)),
	ROW("reset", event_channel_op, EVTCHNOP_reset, 1, 2, WITH(nobody)),
	ROW("reset_cont", event_channel_op, 14, 1, 2, WITH(nobody)),
	ROW("init_control", event_channel_op, EVTCHNOP_init_control, 1, 24,
	    WITH(control)),
	ROW("expand_array", event_channel_op, EVTCHNOP_expand_array, 1, 8,
	    WITH(array)),
	ROW("set_priority", event_channel_op, EVTCHNOP_set_priority, 1, 8,
	    WITH(port), THEN(port)),

	ROW("poll", sched_op, SCHEDOP_poll, 1, 24, WITH(poll), THEN(poll),
	    AT(1)),
	ROW("remote_shutdown", sched_op, SCHEDOP_remote_shutdown, 1, 8,
	    WITH(remote)),
	ROW("shutdown_code", sched_op, SCHEDOP_shutdown_code, 1, 4,
	    WITH(zero)),
	ROW("watchdog", sched_op, SCHEDOP_watchdog, 1, 8, WITH(watchdog)),
	ROW("pin_override", sched_op, SCHEDOP_pin_override, 1, 4, WITH(pin)),

	ROW("initialise", vcpu_op, VCPUOP_initialise, 2,
	    sizeof(struct vcpu_hvm_context), WITH(context)),
	ROW("runstate", vcpu_op, VCPUOP_get_runstate_info, 2, 48,
	    .flags = VARIES),
	ROW("runstate_memory_area", vcpu_op,
	    VCPUOP_register_runstate_memory_area, 2, 8, WITH(area),
	    THEN(area)),
	ROW("periodic_timer", vcpu_op, VCPUOP_set_periodic_timer, 2, 8,
	    WITH(period), THEN(period)),
	ROW("singleshot_timer", vcpu_op, VCPUOP_set_singleshot_timer, 2, 16,
	    WITH(singleshot)),
	ROW("vcpu_info", vcpu_op, VCPUOP_register_vcpu_info, 2, 16,
	    WITH(info)),
	ROW("physid", vcpu_op, VCPUOP_get_physid, 2, 8),
	ROW("time_memory_area", vcpu_op,
	    VCPUOP_register_vcpu_time_memory_area, 2, 8, WITH(area),
	    THEN(area)),
	ROW("runstate_phys_area", vcpu_op, 14, 2, 8, WITH(no_area)),
	ROW("time_phys_area", vcpu_op, 15, 2, 8, WITH(no_area)),
	ROW("swtlb_query", vcpu_op, VCPUOP_swtlb_query, 2, 16,
	    .flags = OURS),

	SIMPLE(physdev_op, PHYSDEVOP_irq_status_query, 8),
	SIMPLE(physdev_op, PHYSDEVOP_set_iopl, 4),
	SIMPLE(physdev_op, PHYSDEVOP_set_iobitmap, 16),
	SIMPLE(physdev_op, PHYSDEVOP_apic_read, 16),
	SIMPLE(physdev_op, PHYSDEVOP_apic_write, 16),
	SIMPLE(physdev_op, PHYSDEVOP_alloc_irq_vector, 8),
	SIMPLE(physdev_op, PHYSDEVOP_free_irq_vector, 8),
	SIMPLE(physdev_op, PHYSDEVOP_eoi, 4),
	ROW("map_pirq", physdev_op, PHYSDEVOP_map_pirq, 1,
	    sizeof(struct physdev_map_pirq), WITH(map)),
	ROW("unmap_pirq", physdev_op, PHYSDEVOP_unmap_pirq, 1, 8,
	    WITH(unmap)),
	SIMPLE(physdev_op, PHYSDEVOP_manage_pci_add, 2),
	SIMPLE(physdev_op, PHYSDEVOP_manage_pci_remove, 2),
	SIMPLE(physdev_op, PHYSDEVOP_pirq_eoi_gmfn_v1, 8),
	SIMPLE(physdev_op, PHYSDEVOP_restore_msi, 2),
	SIMPLE(physdev_op, PHYSDEVOP_manage_pci_add_ext, 16),
	ROW("setup_gsi", physdev_op, PHYSDEVOP_setup_gsi, 1, 8, WITH(gsi)),
	SIMPLE(physdev_op, PHYSDEVOP_get_nr_pirqs, 4),
	SIMPLE(physdev_op, PHYSDEVOP_get_free_pirq, 8),
	ROW("mmcfg_reserved", physdev_op, PHYSDEVOP_pci_mmcfg_reserved, 1, 16,
	    WITH(mmcfg)),
	ROW("pci_device_add", physdev_op, PHYSDEVOP_pci_device_add, 1, 16,
	    WITH(pci_add), THEN(pci_add)),
	ROW("pci_device_remove", physdev_op, PHYSDEVOP_pci_device_remove, 1,
	    4, WITH(pci)),
	SIMPLE(physdev_op, PHYSDEVOP_restore_msi_ext, 4),
	SIMPLE(physdev_op, PHYSDEVOP_pirq_eoi_gmfn_v2, 8),
	ROW("dbgp_op", physdev_op, PHYSDEVOP_dbgp_op, 1, 6, WITH(dbgp)),
	SIMPLE(physdev_op, PHYSDEVOP_prepare_msix, 4),
	SIMPLE(physdev_op, PHYSDEVOP_release_msix, 4),
	ROW("pci_device_reset", physdev_op, 32, 1, 8, WITH(pci)),

	ROW("set_param", hvm_op, HVMOP_set_param, 1, 16, WITH(set_param)),
	ROW("get_param", hvm_op, HVMOP_get_param, 1, 16, WITH(get_param)),
	ROW("pagetable_dying", hvm_op, HVMOP_pagetable_dying, 1, 16,
	    WITH(dying)),
	ROW("get_time", hvm_op, 10, 1, 8, .flags = VARIES),
	ROW("xentrace", hvm_op, 11, 1, 32, WITH(xentrace)),
	ROW("get_mem_type", hvm_op, HVMOP_get_mem_type, 1, 16,
	    WITH(mem_type)),
	ROW("upcall_vector", hvm_op, HVMOP_set_evtchn_upcall_vector, 1, 8,
	    WITH(vector)),

	ROW("map_grant_ref", grant_table_op, GNTTABOP_map_grant_ref, 1,
	    GRANTS * 32, WITH(map_grant), .other = GRANTS),
	ROW("unmap_grant_ref", grant_table_op, GNTTABOP_unmap_grant_ref, 1,
	    GRANTS * 24, WITH(unmap_grant), .other = GRANTS),
	ROW("setup_table", grant_table_op, GNTTABOP_setup_table, 1, 24,
	    WITH(setup), .other = 1, AT(17)),
	ROW("setup_table-nobody", grant_table_op, GNTTABOP_setup_table, 1, 24,
	    WITH(setup_nobody), .other = 1, AT(17)),
	ROW("dump_table", grant_table_op, GNTTABOP_dump_table, 1, 4,
	    WITH(nobody), .other = 1),
	ROW("transfer", grant_table_op, GNTTABOP_transfer, 1, GRANTS * 24,
	    WITH(unmap_grant), .other = GRANTS),
	ROW("copy", grant_table_op, GNTTABOP_copy, 1, GRANTS * 40,
	    WITH(copy_grant), .other = GRANTS),
	ROW("query_size", grant_table_op, GNTTABOP_query_size, 1, 16,
	    WITH(query_size), .other = 1),
	ROW("query_size-nobody", grant_table_op, GNTTABOP_query_size, 1, 16,
	    WITH(query_nobody), .other = 1),
	ROW("unmap_and_replace", grant_table_op, GNTTABOP_unmap_and_replace,
	    1, GRANTS * 24, WITH(unmap_grant), .other = GRANTS),
	ROW("set_version", grant_table_op, GNTTABOP_set_version, 1, 4,
	    WITH(set_version), .other = 1),
	ROW("get_status_frames", grant_table_op, GNTTABOP_get_status_frames,
	    1, 16, WITH(status_frames), .other = 1, AT(9)),
	ROW("get_version", grant_table_op, GNTTABOP_get_version, 1, 8,
	    WITH(get_version), .other = 1),
	ROW("swap_grant_ref", grant_table_op, GNTTABOP_swap_grant_ref, 1,
	    GRANTS * 12, WITH(swap_grant), .other = GRANTS),
	ROW("cache_flush", grant_table_op, GNTTABOP_cache_flush, 1,
	    GRANTS * 16, WITH(zero), .other = GRANTS),

	ROW("increase", memory_op, XENMEM_increase_reservation, 1, 32,
	    WITH(extents_order), AT(1)),
	ROW("decrease", memory_op, XENMEM_decrease_reservation, 1, 32,
	    WITH(decrease), THEN(decrease), AT(1)),
	ROW("decrease-none", memory_op, XENMEM_decrease_reservation, 1, 32,
	    WITH(no_extents), AT(1)),
	ROW("current", memory_op, XENMEM_current_reservation, 1, 2,
	    WITH(self)),
	ROW("maximum", memory_op, XENMEM_maximum_reservation, 1, 2,
	    WITH(self)),
	ROW("machphys_list", memory_op, XENMEM_machphys_mfn_list, 1, 24,
	    WITH(machphys), AT(9), .flags = BY_BUILD),
	ROW("populate", memory_op, XENMEM_populate_physmap, 1, 32,
	    WITH(populate), THEN(populate), AT(1)),
	ROW("add_to_physmap", memory_op, XENMEM_add_to_physmap, 1, 24,
	    WITH(add)),
	ROW("memory_map", memory_op, XENMEM_memory_map, 1, 16,
	    WITH(memory_map), AT(9), .flags = BY_BUILD),
	ROW("machine_memory_map", memory_op, XENMEM_machine_memory_map, 1, 16,
	    WITH(memory_map), AT(9), .flags = BY_BUILD),
	ROW("exchange", memory_op, XENMEM_exchange, 1, 72, WITH(exchange),
	    AT(1, 33)),
	ROW("machphys_mapping", memory_op, XENMEM_machphys_mapping, 1, 24),
	ROW("set_memory_map", memory_op, 13, 1, 24, WITH(foreign_map),
	    AT(17)),
	ROW("maximum_gpfn", memory_op, 14, 1, 2, WITH(self)),
	ROW("remove_from_physmap", memory_op, XENMEM_remove_from_physmap, 1,
	    16, WITH(remove)),
	ROW("set_pod_target", memory_op, 16, 1, 40, WITH(set_pod)),
	ROW("get_pod_target", memory_op, 17, 1, 40, WITH(pod),
	    .flags = BY_BUILD),
	ROW("physmap_range", memory_op, XENMEM_add_to_physmap_range, 1, 32,
	    WITH(range), AT(9, 17, 25)),
	ROW("claim_pages", memory_op, 24, 1, 32, WITH(claim)),
	ROW("acquire_resource", memory_op, XENMEM_acquire_resource, 1, 32,
	    WITH(resource), AT(25)),

	PF(settime64), PF(del_memtype), PF(read_memtype),
	PF(microcode, AT(9)), PF(quirk), PF(cpu_version), PF(efi_time),
	PF(efi_next, AT(33)), PF(efi_info), PF(efi_vendor, AT(25)), PF(mbr),
	PF(edid, AT(25)), PF(kbd), PF(sleep), PF(freq), PF(cx, AT(25)),
	PF(px, AT(65)), PF(tx), PF(pdc, AT(17)), PF(cpuinfo),
	PF(cpu_online), PF(cpu_offline), PF(mem_hotadd), PF(parking),
	PF(symbol, AT(17), .flags = BY_BUILD), PF(console),
	PF(ucode_revision), PF(microcode2_data, AT(17)),

	ROW("console-write", console_io, CONSOLEIO_write, 2, 28, WITH(text),
	    .other = 28),
	ROW("console-read", console_io, CONSOLEIO_read, 2, 64, .other = 64),

	SIMPLE(xenpmu_op, XENPMU_mode_get, 24),
	SIMPLE(xenpmu_op, XENPMU_mode_set, 24),
	SIMPLE(xenpmu_op, XENPMU_feature_get, 24),
	SIMPLE(xenpmu_op, XENPMU_feature_set, 24),
	SIMPLE(xenpmu_op, XENPMU_init, 24),
	SIMPLE(xenpmu_op, XENPMU_finish, 24),

	ROW("dm_op", dm_op, NOBODY, 2, 16, WITH(dm), .other = 1),
};

const unsigned int nr_rows = ARRAY_SIZE(rows);
