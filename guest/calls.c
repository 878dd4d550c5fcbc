// SPDX-License-Identifier: GPL-2.0-only
/*
 * The table of hypercalls: where each has pointers, in which direction, and
 * how large.  It has what Linux 6.1 to 6.12 issues in an HVM or PVH guest, and
 * what comes next to it; docs/marshalling.md has it in words.
 *
 * It was made by reading what Xen does with each argument.  Whoever changes
 * a row has to do that too: the headers do not tell what is written when an
 * operation fails.
 */
#include <linux/bits.h>
#include <linux/kernel.h>
#include <linux/stddef.h>

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
#include <xen/interface/xenpmu.h>

#include "calls.h"
#include "internal.h"

/* Sizes of what Linux has no names for. */
#define SIZE_pod_target		40
#define SIZE_foreign_map	24
#define SIZE_device_reset	8
#define SIZE_xentrace		32
#define SIZE_domid		2
#define SIZE_e820entry		20
#define SIZE_guid_handle	16

#define ROW_VALUE	{ .kind = SWTLB_VALUE }
#define ROW_SPECIAL(k)	{ .kind = SWTLB_##k }

/* All of the structure goes in; or all of it comes out when all went well. */
#define ROW_IN_SIZE(bytes)						\
	{ .kind = SWTLB_PLAIN, .size = (bytes), .in = (bytes) }
#define ROW_OUT_SIZE(bytes)						\
	{ .kind = SWTLB_PLAIN, .size = (bytes), .end = (bytes) }
#define ROW_IN(type)	ROW_IN_SIZE(sizeof(type))
#define ROW_OUT(type)	ROW_OUT_SIZE(sizeof(type))

/* Xen reads what comes before @first, and writes from there up to @last. */
#define ROW_REPLY(type, first, last)					\
	{ .kind = SWTLB_PLAIN, .size = sizeof(type),			\
	  .in = offsetof(type, first), .out = offsetof(type, first),	\
	  .end = offsetofend(type, last) }

/* Xen reads all of it, and writes it when the operation fails, too. */
#define ROW_BOTH_SIZE(bytes)						\
	{ .kind = SWTLB_PLAIN, .flags = SWTLB_ALWAYS, .size = (bytes),	\
	  .in = (bytes), .end = (bytes) }
#define ROW_BOTH(type)	ROW_BOTH_SIZE(sizeof(type))

#define ROW_NESTED(bytes, list, from, to, how)				\
	{ .kind = SWTLB_NESTED, .flags = (how), .nests = ARRAY_SIZE(list), \
	  .size = (bytes), .in = (bytes), .out = (from), .end = (to),	\
	  .nest = (list) }

/* Of each element @first is the status. */
#define ROW_ARRAY(type, first, last)					\
	{ .kind = SWTLB_ARRAY, .flags = SWTLB_STATUS,			\
	  .size = sizeof(type),						\
	  .in = offsetof(type, first), .out = offsetof(type, first),	\
	  .end = offsetofend(type, last) }

/* The pointer @ptr of a structure, to as many @elem bytes as @count says. */
#define NEST(type, ptr, count, bytes, direction, most)			\
	{ .at = offsetof(type, ptr), .count_at = offsetof(type, count),	\
	  .count_size = sizeof_field(type, count), .elem = (bytes),	\
	  .dir = (direction), .max = (most) }

/* More extents than Xen can encode a continuation for. */
#define MAX_EXTENTS	(U32_MAX >> 6)

static const struct swtlb_row xen_version[] = {
	[XENVER_version] = ROW_VALUE,
	[XENVER_extraversion] = ROW_OUT(struct xen_extraversion),
	[XENVER_compile_info] = ROW_OUT(struct xen_compile_info),
	[XENVER_capabilities] = ROW_OUT(struct xen_capabilities_info),
	[XENVER_changeset] = ROW_OUT(struct xen_changeset_info),
	[XENVER_platform_parameters] = ROW_OUT(struct xen_platform_parameters),
	[XENVER_get_features] = ROW_REPLY(struct xen_feature_info, submap,
					  submap),
	[XENVER_pagesize] = ROW_VALUE,
	[XENVER_guest_handle] = ROW_OUT_SIZE(SIZE_guid_handle),
	/* Who may not know it gets a short word, and the rest stays. */
	[XENVER_commandline] = ROW_BOTH(struct xen_commandline),
	[XENVER_build_id] = ROW_SPECIAL(VARBUF),
	/* XENVER_extraversion2, capabilities2, changeset2, commandline2 */
	[11 ... 14] = ROW_SPECIAL(VARBUF),
};

static const struct swtlb_row event_channel[] = {
	[EVTCHNOP_bind_interdomain] = ROW_REPLY(struct evtchn_bind_interdomain,
						local_port, local_port),
	[EVTCHNOP_bind_virq] = ROW_REPLY(struct evtchn_bind_virq, port, port),
	[EVTCHNOP_bind_pirq] = ROW_REPLY(struct evtchn_bind_pirq, port, port),
	[EVTCHNOP_close] = ROW_IN(struct evtchn_close),
	[EVTCHNOP_send] = ROW_IN(struct evtchn_send),
	/* Which part of the union is written depends on the status. */
	[EVTCHNOP_status] = ROW_BOTH(struct evtchn_status),
	[EVTCHNOP_alloc_unbound] = ROW_REPLY(struct evtchn_alloc_unbound, port,
					     port),
	[EVTCHNOP_bind_ipi] = ROW_REPLY(struct evtchn_bind_ipi, port, port),
	[EVTCHNOP_bind_vcpu] = ROW_IN(struct evtchn_bind_vcpu),
	[EVTCHNOP_unmask] = ROW_IN(struct evtchn_unmask),
	[EVTCHNOP_reset] = ROW_IN(struct evtchn_reset),
	[EVTCHNOP_init_control] = ROW_REPLY(struct evtchn_init_control,
					    link_bits, link_bits),
	[EVTCHNOP_expand_array] = ROW_IN(struct evtchn_expand_array),
	[EVTCHNOP_set_priority] = ROW_IN(struct evtchn_set_priority),
	[14] = ROW_IN(struct evtchn_reset), /* EVTCHNOP_reset_cont */
};

static const struct swtlb_nest poll_ports[] = {
	NEST(struct sched_poll, ports, nr_ports, sizeof(evtchn_port_t),
	     SWTLB_IN, 128),
};

static const struct swtlb_row sched[] = {
	[SCHEDOP_yield] = ROW_VALUE,
	[SCHEDOP_block] = ROW_VALUE,
	[SCHEDOP_shutdown] = ROW_IN(struct sched_shutdown),
	[SCHEDOP_poll] = ROW_NESTED(sizeof(struct sched_poll), poll_ports, 0,
				    0, 0),
	[SCHEDOP_remote_shutdown] = ROW_IN(struct sched_remote_shutdown),
	[SCHEDOP_shutdown_code] = ROW_IN(struct sched_shutdown),
	[SCHEDOP_watchdog] = ROW_IN(struct sched_watchdog),
	[SCHEDOP_pin_override] = ROW_IN(struct sched_pin_override),
};

/*
 * An area that is registered by its address is Xen's to write to whenever it
 * likes.  It stays where it is, and only the structure with the address is
 * carried.
 */
static const struct swtlb_row vcpu[] = {
	[VCPUOP_initialise] = ROW_IN(struct vcpu_hvm_context),
	[VCPUOP_up] = ROW_VALUE,
	[VCPUOP_down] = ROW_VALUE,
	[VCPUOP_is_up] = ROW_VALUE,
	[VCPUOP_get_runstate_info] = ROW_OUT(struct vcpu_runstate_info),
	[VCPUOP_register_runstate_memory_area] = ROW_SPECIAL(AREA),
	[VCPUOP_set_periodic_timer] = ROW_IN(struct vcpu_set_periodic_timer),
	[VCPUOP_stop_periodic_timer] = ROW_VALUE,
	[VCPUOP_set_singleshot_timer] =
		ROW_IN(struct vcpu_set_singleshot_timer),
	[VCPUOP_stop_singleshot_timer] = ROW_VALUE,
	[VCPUOP_register_vcpu_info] = ROW_IN(struct vcpu_register_vcpu_info),
	[VCPUOP_send_nmi] = ROW_VALUE,
	[VCPUOP_get_physid] = ROW_OUT(struct vcpu_get_physid),
	[VCPUOP_register_vcpu_time_memory_area] = ROW_SPECIAL(AREA),
	/* VCPUOP_register_runstate_phys_area, ..._vcpu_time_phys_area */
	[14 ... 15] = ROW_IN_SIZE(sizeof(u64)),
	/* Addresses to be registered, not buffers. */
	[VCPUOP_SWTLB_FIRST ... VCPUOP_swtlb_query - 1] = ROW_VALUE,
	[VCPUOP_swtlb_query] = ROW_SPECIAL(QUERY),
	[VCPUOP_swtlb_query + 1 ... VCPUOP_SWTLB_LAST] = ROW_VALUE,
};

static const struct swtlb_row physdev[] = {
	[PHYSDEVOP_IRQ_UNMASK_NOTIFY] = ROW_VALUE,
	[PHYSDEVOP_irq_status_query] =
		ROW_REPLY(struct physdev_irq_status_query, flags, flags),
	[PHYSDEVOP_set_iopl] = ROW_IN(struct physdev_set_iopl),
	/* Xen keeps the address; of PV guests only. */
	[PHYSDEVOP_set_iobitmap] = ROW_IN(struct physdev_set_iobitmap),
	[PHYSDEVOP_apic_read] = ROW_BOTH(struct physdev_apic),
	[PHYSDEVOP_apic_write] = ROW_IN(struct physdev_apic),
	[PHYSDEVOP_alloc_irq_vector] = ROW_REPLY(struct physdev_irq, vector,
						 vector),
	[PHYSDEVOP_free_irq_vector] = ROW_IN(struct physdev_irq),
	[PHYSDEVOP_eoi] = ROW_IN(struct physdev_eoi),
	[PHYSDEVOP_map_pirq] = ROW_BOTH(struct physdev_map_pirq),
	[PHYSDEVOP_unmap_pirq] = ROW_IN(struct physdev_unmap_pirq),
	[PHYSDEVOP_manage_pci_add] = ROW_IN(struct physdev_manage_pci),
	[PHYSDEVOP_manage_pci_remove] = ROW_IN(struct physdev_manage_pci),
	[PHYSDEVOP_pirq_eoi_gmfn_v1] = ROW_IN(struct physdev_pirq_eoi_gmfn),
	[PHYSDEVOP_restore_msi] = ROW_IN(struct physdev_restore_msi),
	[PHYSDEVOP_manage_pci_add_ext] = ROW_IN(struct physdev_manage_pci_ext),
	[PHYSDEVOP_setup_gsi] = ROW_IN(struct physdev_setup_gsi),
	[PHYSDEVOP_get_nr_pirqs] = ROW_OUT(struct physdev_nr_pirqs),
	[PHYSDEVOP_get_free_pirq] = ROW_REPLY(struct physdev_get_free_pirq,
					      pirq, pirq),
	[PHYSDEVOP_pci_mmcfg_reserved] =
		ROW_IN(struct physdev_pci_mmcfg_reserved),
	[PHYSDEVOP_pci_device_add] = ROW_SPECIAL(PCI_ADD),
	[PHYSDEVOP_pci_device_remove] = ROW_IN(struct physdev_pci_device),
	[PHYSDEVOP_restore_msi_ext] = ROW_IN(struct physdev_pci_device),
	[PHYSDEVOP_pirq_eoi_gmfn_v2] = ROW_IN(struct physdev_pirq_eoi_gmfn),
	[PHYSDEVOP_dbgp_op] = ROW_IN(struct physdev_dbgp_op),
	[PHYSDEVOP_prepare_msix] = ROW_IN(struct physdev_pci_device),
	[PHYSDEVOP_release_msix] = ROW_IN(struct physdev_pci_device),
	[32] = ROW_IN_SIZE(SIZE_device_reset), /* PHYSDEVOP_pci_device_reset */
};

static const struct swtlb_row hvm[] = {
	[HVMOP_set_param] = ROW_IN(struct xen_hvm_param),
	[HVMOP_get_param] = ROW_REPLY(struct xen_hvm_param, value, value),
	[5] = ROW_VALUE, /* HVMOP_flush_tlbs */
	[HVMOP_pagetable_dying] = ROW_IN(struct xen_hvm_pagetable_dying),
	[10] = ROW_OUT_SIZE(sizeof(u64)), /* HVMOP_get_time */
	[11] = ROW_IN_SIZE(SIZE_xentrace), /* HVMOP_xentrace */
	[HVMOP_get_mem_type] = {
		.kind = SWTLB_PLAIN,
		.size = sizeof(struct xen_hvm_get_mem_type),
		.in = sizeof(struct xen_hvm_get_mem_type),
		.out = offsetof(struct xen_hvm_get_mem_type, mem_type),
		.end = offsetofend(struct xen_hvm_get_mem_type, mem_type),
	},
	[20] = ROW_VALUE, /* HVMOP_guest_request_vm_event */
	[HVMOP_set_evtchn_upcall_vector] =
		ROW_IN(struct xen_hvm_evtchn_upcall_vector),
};

static const struct swtlb_nest setup_table[] = {
	NEST(struct gnttab_setup_table, frame_list, nr_frames,
	     sizeof(xen_pfn_t), SWTLB_OUT, 0),
};

static const struct swtlb_nest status_frames[] = {
	NEST(struct gnttab_get_status_frames, frame_list, nr_frames,
	     sizeof(u64), SWTLB_OUT, 0),
};

static const struct swtlb_row grant_table[] = {
	[GNTTABOP_map_grant_ref] = ROW_ARRAY(struct gnttab_map_grant_ref,
					     status, dev_bus_addr),
	[GNTTABOP_unmap_grant_ref] = ROW_ARRAY(struct gnttab_unmap_grant_ref,
					       status, status),
	[GNTTABOP_setup_table] =
		ROW_NESTED(sizeof(struct gnttab_setup_table), setup_table,
			   offsetof(struct gnttab_setup_table, status),
			   offsetofend(struct gnttab_setup_table, status),
			   SWTLB_STATUS),
	[GNTTABOP_dump_table] = ROW_BOTH(struct gnttab_dump_table),
	[GNTTABOP_transfer] = ROW_ARRAY(struct gnttab_transfer, status,
					status),
	[GNTTABOP_copy] = ROW_ARRAY(struct gnttab_copy, status, status),
	/* With a domain that is not there only the status is written. */
	[GNTTABOP_query_size] = ROW_BOTH(struct gnttab_query_size),
	[GNTTABOP_unmap_and_replace] =
		ROW_ARRAY(struct gnttab_unmap_and_replace, status, status),
	[GNTTABOP_set_version] = ROW_BOTH(struct gnttab_set_version),
	[GNTTABOP_get_status_frames] =
		ROW_NESTED(sizeof(struct gnttab_get_status_frames),
			   status_frames,
			   offsetof(struct gnttab_get_status_frames, status),
			   offsetofend(struct gnttab_get_status_frames, status),
			   SWTLB_STATUS),
	[GNTTABOP_get_version] = ROW_REPLY(struct gnttab_get_version, version,
					   version),
	[GNTTABOP_swap_grant_ref] = ROW_ARRAY(struct gnttab_swap_grant_ref,
					      status, status),
	[GNTTABOP_cache_flush] = {
		.kind = SWTLB_ARRAY,
		.size = sizeof(struct gnttab_cache_flush),
		.in = sizeof(struct gnttab_cache_flush),
	},
};

static const struct swtlb_nest extents_in[] = {
	NEST(struct xen_memory_reservation, extent_start, nr_extents,
	     sizeof(xen_pfn_t), SWTLB_IN, MAX_EXTENTS),
};

static const struct swtlb_nest extents_out[] = {
	NEST(struct xen_memory_reservation, extent_start, nr_extents,
	     sizeof(xen_pfn_t), SWTLB_OUT, MAX_EXTENTS),
};

static const struct swtlb_nest extents_both[] = {
	NEST(struct xen_memory_reservation, extent_start, nr_extents,
	     sizeof(xen_pfn_t), SWTLB_IN | SWTLB_OUT, MAX_EXTENTS),
};

static const struct swtlb_nest exchange[] = {
	NEST(struct xen_memory_exchange, in.extent_start, in.nr_extents,
	     sizeof(xen_pfn_t), SWTLB_IN, 0),
	NEST(struct xen_memory_exchange, out.extent_start, out.nr_extents,
	     sizeof(xen_pfn_t), SWTLB_IN | SWTLB_OUT, 0),
};

static const struct swtlb_nest machphys[] = {
	NEST(struct xen_machphys_mfn_list, extent_start, max_extents,
	     sizeof(xen_pfn_t), SWTLB_OUT, 0),
};

static const struct swtlb_nest memory_map[] = {
	NEST(struct xen_memory_map, buffer, nr_entries, SIZE_e820entry,
	     SWTLB_OUT, 0),
};

static const struct swtlb_nest foreign_map[] = {
	{ .at = 16, .count_at = 8, .count_size = 4, .elem = SIZE_e820entry,
	  .dir = SWTLB_IN },
};

static const struct swtlb_nest physmap_range[] = {
	NEST(struct xen_add_to_physmap_range, idxs, size, sizeof(xen_ulong_t),
	     SWTLB_IN, 0),
	NEST(struct xen_add_to_physmap_range, gpfns, size, sizeof(xen_pfn_t),
	     SWTLB_IN, 0),
	NEST(struct xen_add_to_physmap_range, errs, size, sizeof(int),
	     SWTLB_OUT, 0),
};

static const struct swtlb_nest resource[] = {
	NEST(struct xen_mem_acquire_resource, frame_list, nr_frames,
	     sizeof(xen_pfn_t), SWTLB_IN | SWTLB_OUT, MAX_EXTENTS),
};

#define ROW_EXTENTS(list)						\
	ROW_NESTED(sizeof(struct xen_memory_reservation), list, 0, 0,	\
		   SWTLB_SUM)
#define ROW_MAP								\
	ROW_NESTED(sizeof(struct xen_memory_map), memory_map, 0,	\
		   offsetofend(struct xen_memory_map, nr_entries), 0)

static const struct swtlb_row memory[] = {
	[XENMEM_increase_reservation] = ROW_EXTENTS(extents_out),
	[XENMEM_decrease_reservation] = ROW_EXTENTS(extents_in),
	[XENMEM_maximum_ram_page] = ROW_VALUE,
	[XENMEM_current_reservation] = ROW_IN_SIZE(SIZE_domid),
	[XENMEM_maximum_reservation] = ROW_IN_SIZE(SIZE_domid),
	[XENMEM_machphys_mfn_list] =
		ROW_NESTED(sizeof(struct xen_machphys_mfn_list), machphys,
			   offsetof(struct xen_machphys_mfn_list, nr_extents),
			   offsetofend(struct xen_machphys_mfn_list,
				       nr_extents), 0),
	[XENMEM_populate_physmap] = ROW_EXTENTS(extents_both),
	[XENMEM_add_to_physmap] = ROW_IN(struct xen_add_to_physmap),
	[XENMEM_memory_map] = ROW_MAP,
	[XENMEM_machine_memory_map] = ROW_MAP,
	[XENMEM_exchange] =
		ROW_NESTED(sizeof(struct xen_memory_exchange), exchange,
			   offsetof(struct xen_memory_exchange, nr_exchanged),
			   sizeof(struct xen_memory_exchange), SWTLB_ALWAYS),
	[XENMEM_machphys_mapping] = ROW_OUT(struct xen_machphys_mapping),
	[13] = ROW_NESTED(SIZE_foreign_map, foreign_map, 0, 0,
			  0), /* XENMEM_set_memory_map */
	[14] = ROW_IN_SIZE(SIZE_domid), /* XENMEM_maximum_gpfn */
	[XENMEM_remove_from_physmap] = ROW_IN(struct xen_remove_from_physmap),
	/* XENMEM_set_pod_target, get_pod_target */
	[16 ... 17] = {
		.kind = SWTLB_PLAIN,
		.size = SIZE_pod_target,
		.in = SIZE_pod_target,
		.out = 8,
		.end = 32,
	},
	/* XENMEM_get_sharing_freed_pages, get_sharing_shared_pages */
	[18 ... 19] = ROW_VALUE,
	[XENMEM_add_to_physmap_range] =
		ROW_NESTED(sizeof(struct xen_add_to_physmap_range),
			   physmap_range, 0, 0, SWTLB_ZERO),
	/* XENMEM_claim_pages: refuses a list */
	[24] = ROW_IN(struct xen_memory_reservation),
	[XENMEM_acquire_resource] =
		ROW_NESTED(sizeof(struct xen_mem_acquire_resource), resource,
			   offsetof(struct xen_mem_acquire_resource, nr_frames),
			   offsetofend(struct xen_mem_acquire_resource,
				       nr_frames), 0),
};

static const struct swtlb_row console_io[] = {
	[CONSOLEIO_write] = ROW_SPECIAL(CONSOLE),
	[CONSOLEIO_read] = ROW_SPECIAL(CONSOLE),
};

static const struct swtlb_row xenpmu[] = {
	[XENPMU_mode_get ... XENPMU_finish] = ROW_BOTH(struct xen_pmu_params),
	[XENPMU_lvtpc_set ... XENPMU_flush] = ROW_VALUE,
};

/*
 * Xen copies the whole of a platform operation in, whatever it needs of it,
 * so that goes in here as well.
 */
#define PLATFORM_IN	ROW_IN_SIZE(SWTLB_PLATFORM_SIZE)
#define PLATFORM_BOTH							\
	{ .kind = SWTLB_PLAIN, .flags = SWTLB_ALWAYS,			\
	  .size = SWTLB_PLATFORM_SIZE, .in = SWTLB_PLATFORM_SIZE,	\
	  .out = offsetof(struct xen_platform_op, u),			\
	  .end = SWTLB_PLATFORM_SIZE }
#define PLATFORM_NESTED(list, how)					\
	ROW_NESTED(SWTLB_PLATFORM_SIZE, list,				\
		   offsetof(struct xen_platform_op, u),			\
		   SWTLB_PLATFORM_SIZE, how)
#define PLATFORM_NEST(ptr, count, bytes, direction)			\
	NEST(struct xen_platform_op, ptr, count, bytes, direction, 0)
#define PLATFORM_FIXED(ptr, bytes, direction)				\
	{ .at = offsetof(struct xen_platform_op, ptr),			\
	  .elem = (bytes), .dir = (direction) }

static const struct swtlb_nest microcode[] = {
	PLATFORM_NEST(u.microcode.data, u.microcode.length, 1, SWTLB_IN),
};

/* XENPF_microcode_update2 has flags in between. */
static const struct swtlb_nest microcode2[] = {
	{ .at = 16, .count_at = 12, .count_size = 4, .elem = 1,
	  .dir = SWTLB_IN },
};

static const struct swtlb_nest cx_states[] = {
	PLATFORM_NEST(u.set_pminfo.power.states, u.set_pminfo.power.count,
		      sizeof(struct xen_processor_cx), SWTLB_IN),
};

static const struct swtlb_nest px_states[] = {
	PLATFORM_NEST(u.set_pminfo.perf.states, u.set_pminfo.perf.state_count,
		      sizeof(struct xen_processor_px), SWTLB_IN),
};

static const struct swtlb_nest pdc_bits[] = {
	PLATFORM_FIXED(u.set_pminfo.pdc, 3 * sizeof(u32), SWTLB_IN | SWTLB_OUT),
};

static const struct swtlb_nest symbol[] = {
	PLATFORM_NEST(u.symdata.name, u.symdata.namelen, 1, SWTLB_OUT),
};

static const struct swtlb_nest vendor[] = {
	PLATFORM_NEST(u.firmware_info.u.efi_info.vendor.name,
		      u.firmware_info.u.efi_info.vendor.bufsz, 1, SWTLB_OUT),
};

static const struct swtlb_nest edid[] = {
	PLATFORM_FIXED(u.firmware_info.u.vbeddc_info.edid, 128, SWTLB_OUT),
};

#define EFI(field)	u.efi_runtime_call.u.field

static const struct swtlb_nest get_variable[] = {
	PLATFORM_FIXED(EFI(get_variable.name), 2, SWTLB_IN | SWTLB_NAME),
	PLATFORM_NEST(EFI(get_variable.data), EFI(get_variable.size), 1,
		      SWTLB_OUT),
};

static const struct swtlb_nest set_variable[] = {
	PLATFORM_FIXED(EFI(set_variable.name), 2, SWTLB_IN | SWTLB_NAME),
	PLATFORM_NEST(EFI(set_variable.data), EFI(set_variable.size), 1,
		      SWTLB_IN),
};

static const struct swtlb_nest next_name[] = {
	PLATFORM_NEST(EFI(get_next_variable_name.name),
		      EFI(get_next_variable_name.size), 1,
		      SWTLB_IN | SWTLB_OUT),
};

static const struct swtlb_row platform[] = {
	[XENPF_settime32] = PLATFORM_IN,
	[XENPF_add_memtype] = PLATFORM_BOTH,
	[XENPF_del_memtype] = PLATFORM_IN,
	[XENPF_read_memtype] = PLATFORM_BOTH,
	[XENPF_microcode_update] =
		ROW_NESTED(SWTLB_PLATFORM_SIZE, microcode, 0, 0, 0),
	[XENPF_platform_quirk] = PLATFORM_IN,
	[48] = PLATFORM_BOTH, /* XENPF_get_cpu_version */
	[XENPF_efi_runtime_call] = ROW_SPECIAL(PLATFORM),
	[XENPF_firmware_info] = ROW_SPECIAL(PLATFORM),
	[XENPF_enter_acpi_sleep] = PLATFORM_IN,
	[XENPF_change_freq] = PLATFORM_IN,
	[XENPF_set_processor_pminfo] = ROW_SPECIAL(PLATFORM),
	[XENPF_get_cpuinfo] = PLATFORM_BOTH,
	[XENPF_cpu_online] = PLATFORM_IN,
	[XENPF_cpu_offline] = PLATFORM_IN,
	[XENPF_cpu_hotadd] = PLATFORM_IN,
	[XENPF_mem_hotadd] = PLATFORM_IN,
	[XENPF_core_parking] = PLATFORM_BOTH,
	[XENPF_settime64] = PLATFORM_IN,
	[XENPF_get_symbol] = PLATFORM_NESTED(symbol, SWTLB_ALWAYS),
	[XENPF_get_dom0_console] = PLATFORM_BOTH,
	[65] = PLATFORM_BOTH, /* XENPF_get_ucode_revision */
	[66] = ROW_NESTED(SWTLB_PLATFORM_SIZE, microcode2, 0, 0,
			  0), /* XENPF_microcode_update2 */
};

static const struct swtlb_row pminfo_row[] = {
	[XEN_PM_CX] = ROW_NESTED(SWTLB_PLATFORM_SIZE, cx_states, 0, 0, 0),
	[XEN_PM_PX] = ROW_NESTED(SWTLB_PLATFORM_SIZE, px_states, 0, 0, 0),
	[XEN_PM_TX] = PLATFORM_IN,
	[XEN_PM_PDC] = ROW_NESTED(SWTLB_PLATFORM_SIZE, pdc_bits, 0, 0, 0),
};

/* XEN_FW_DISK_INFO has a buffer that says its size itself: PV guests only. */
static const struct swtlb_row firmware_row[] = {
	[XEN_FW_DISK_MBR_SIGNATURE] = PLATFORM_BOTH,
	[XEN_FW_VBEDDC_INFO] = PLATFORM_NESTED(edid, SWTLB_ALWAYS),
	[XEN_FW_EFI_INFO] = PLATFORM_BOTH,
	[XEN_FW_KBD_SHIFT_FLAGS] = PLATFORM_BOTH,
};

static const struct swtlb_row vendor_row = PLATFORM_NESTED(vendor, SWTLB_ALWAYS);

static const struct swtlb_row efi_row[] = {
	[XEN_EFI_get_time ... XEN_EFI_get_next_high_monotonic_count] =
		PLATFORM_BOTH,
	[XEN_EFI_get_variable] = PLATFORM_NESTED(get_variable, SWTLB_ALWAYS),
	[XEN_EFI_set_variable] = PLATFORM_NESTED(set_variable, SWTLB_ALWAYS),
	[XEN_EFI_get_next_variable_name] = PLATFORM_NESTED(next_name,
							   SWTLB_ALWAYS),
	[XEN_EFI_query_variable_info] = PLATFORM_BOTH,
};

static const struct swtlb_row unknown;

#define ROW_OF(table, index) \
	((index) < ARRAY_SIZE(table) ? &(table)[index] : &unknown)

const struct swtlb_row *swtlb_platform_row(const void *data)
{
	const struct xen_platform_op *op = data;
	u32 type = op->u.firmware_info.type;

	BUILD_BUG_ON(sizeof(*op) != SWTLB_PLATFORM_SIZE);

	switch (op->cmd) {
	case XENPF_efi_runtime_call:
		return ROW_OF(efi_row, op->u.efi_runtime_call.function);
	case XENPF_set_processor_pminfo:
		return ROW_OF(pminfo_row, op->u.set_pminfo.type);
	case XENPF_firmware_info:
		if (type == XEN_FW_EFI_INFO &&
		    op->u.firmware_info.index == XEN_FW_EFI_VENDOR)
			return &vendor_row;
		return ROW_OF(firmware_row, type);
	default:
		return ROW_OF(platform, op->cmd);
	}
}

/* Those without rows are marshal.c's, or unknown. */
#define CALL(table, which)						\
	{ .rows = (table), .nr = ARRAY_SIZE(table), .arg = (which),	\
	  .mask = U32_MAX }
#define CALL_MASKED(table, which, bits)					\
	{ .rows = (table), .nr = ARRAY_SIZE(table), .arg = (which),	\
	  .mask = (bits) }

const struct swtlb_call swtlb_calls[SWTLB_CALLS] = {
	[__HYPERVISOR_memory_op] = CALL_MASKED(memory, 1, 0x3f),
	[__HYPERVISOR_xen_version] = CALL(xen_version, 1),
	[__HYPERVISOR_console_io] = CALL(console_io, 2),
	[__HYPERVISOR_grant_table_op] = CALL_MASKED(grant_table, 1, 0xfff),
	[__HYPERVISOR_vcpu_op] = CALL(vcpu, 2),
	[__HYPERVISOR_sched_op] = CALL(sched, 1),
	[__HYPERVISOR_event_channel_op] = CALL(event_channel, 1),
	[__HYPERVISOR_physdev_op] = CALL(physdev, 1),
	[__HYPERVISOR_hvm_op] = CALL(hvm, 1),
	[__HYPERVISOR_xenpmu_op] = CALL(xenpmu, 1),
};

/*
 * What is not named here is SWTLB_CALL_NONE: Xen returns -ENOSYS to HVM
 * guests for it before it looks at an argument.  Or it has none, as
 * set_timer_op and vm_assist.  sysctl and domctl are the toolstack's, which
 * issues them through privcmd.
 */
const u8 swtlb_call_class[SWTLB_CALLS] = {
	[__HYPERVISOR_platform_op] = SWTLB_CALL_COMPLEX,
	[__HYPERVISOR_memory_op] = SWTLB_CALL_ARG2,
	[__HYPERVISOR_multicall] = SWTLB_CALL_COMPLEX,
	[__HYPERVISOR_xen_version] = SWTLB_CALL_ARG2,
	[__HYPERVISOR_console_io] = SWTLB_CALL_ARG3,
	[__HYPERVISOR_grant_table_op] = SWTLB_CALL_ARG2,
	[__HYPERVISOR_vcpu_op] = SWTLB_CALL_ARG3,
	[__HYPERVISOR_mmuext_op] = SWTLB_CALL_COMPLEX,
	[__HYPERVISOR_xsm_op] = SWTLB_CALL_COMPLEX,
	[__HYPERVISOR_sched_op] = SWTLB_CALL_ARG2,
	[__HYPERVISOR_event_channel_op] = SWTLB_CALL_ARG2,
	[__HYPERVISOR_physdev_op] = SWTLB_CALL_ARG2,
	[__HYPERVISOR_hvm_op] = SWTLB_CALL_ARG2,
	[39] = SWTLB_CALL_COMPLEX, /* __HYPERVISOR_argo_op */
	[__HYPERVISOR_xenpmu_op] = SWTLB_CALL_ARG2,
	[__HYPERVISOR_dm_op] = SWTLB_CALL_COMPLEX,
	[42 ... 47] = SWTLB_CALL_COMPLEX, /* __HYPERVISOR_hypfs_op, ... */
	[56 ... 63] = SWTLB_CALL_COMPLEX,
};

/*
 * See thunk.h.  What is nested, and what is unknown, has no bit, neither have
 * the operations beyond 63.
 */
const u64 swtlb_call_plain[SWTLB_CALLS] = {
	[__HYPERVISOR_memory_op] =
		BIT_ULL(XENMEM_maximum_ram_page) |
		BIT_ULL(XENMEM_current_reservation) |
		BIT_ULL(XENMEM_maximum_reservation) |
		BIT_ULL(XENMEM_add_to_physmap) |
		BIT_ULL(XENMEM_machphys_mapping) |
		GENMASK_ULL(19, 14) | /* XENMEM_maximum_gpfn and on */
		BIT_ULL(24),
	[__HYPERVISOR_xen_version] = GENMASK_ULL(14, 0),
	[__HYPERVISOR_console_io] = GENMASK_ULL(CONSOLEIO_read,
						CONSOLEIO_write),
	[__HYPERVISOR_grant_table_op] =
		GENMASK_ULL(GNTTABOP_cache_flush, GNTTABOP_map_grant_ref) &
		~(BIT_ULL(GNTTABOP_setup_table) |
		  BIT_ULL(GNTTABOP_get_status_frames)),
	[__HYPERVISOR_vcpu_op] =
		GENMASK_ULL(15, 0) &
		~(BIT_ULL(VCPUOP_register_runstate_memory_area) |
		  BIT_ULL(VCPUOP_register_vcpu_time_memory_area)),
	[__HYPERVISOR_sched_op] =
		GENMASK_ULL(SCHEDOP_pin_override, SCHEDOP_yield) &
		~BIT_ULL(SCHEDOP_poll),
	[__HYPERVISOR_event_channel_op] = GENMASK_ULL(14, 0),
	[__HYPERVISOR_physdev_op] = GENMASK_ULL(17, 4) |
				    GENMASK_ULL(32, 19),
	[__HYPERVISOR_hvm_op] = BIT_ULL(HVMOP_set_param) |
				BIT_ULL(HVMOP_get_param) | BIT_ULL(5) |
				GENMASK_ULL(11, HVMOP_pagetable_dying) |
				BIT_ULL(HVMOP_get_mem_type) | BIT_ULL(20) |
				BIT_ULL(HVMOP_set_evtchn_upcall_vector),
	[__HYPERVISOR_xenpmu_op] = GENMASK_ULL(XENPMU_flush,
					       XENPMU_mode_get),
};
