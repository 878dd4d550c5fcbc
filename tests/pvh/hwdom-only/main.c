/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Booted with swtlb=hwdom-only: dom0 has the software TLB; a domU finds that
 * there is none, and its hypercalls work as ever.  One that was strict when it
 * was saved is not restored.
 */

#include <pvh.h>
#include <servant.h>

TEST_TITLE("the software TLB for the hardware domain alone");

#define WALK_GVA  (SERVANT_GFN << PAGE_SHIFT)
#define HIT_GVA   0x40000000ul

static void test_restore(void)
{
    unsigned int domid = domu_create();

    CHECK_RC(domu_load_strict(domid), -XEN_EOPNOTSUPP);
    domu_destroy(domid);
}

void test_main(void)
{
    unsigned int domid;
    uint8_t *page = alloc_pages(1);

    swtlb_require();
    CHECK_RC(swtlb_insert(0, WINDOW, gpa_of(page), PAGE_SIZE), 0);
    CHECK_RC(xen_take(WINDOW, 200), 0);

    domid = servant_start();
    domu_populate(domid, SERVANT_GFN, 1);
    CHECK_RC(servant_insert(HIT_GVA, SERVANT_GFN, 1, 0), -XEN_EOPNOTSUPP);
    CHECK_RC(servant_insert(HIT_GVA, SERVANT_GFN, 1, XEN_SWTLB_FLAG_pinned),
             -XEN_EOPNOTSUPP);
    CHECK_RC(servant_purge(HIT_GVA, 1), -XEN_EOPNOTSUPP);
    CHECK_RC(servant_write(HIT_GVA), -XEN_EFAULT);
    CHECK_RC(servant_write(WALK_GVA), 0);
    servant_end();
    test_restore();
}
