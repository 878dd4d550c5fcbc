# SPDX-License-Identifier: GPL-2.0-only
#
# Builds the framework and the images of a folder of tests.  The Makefile that
# includes this sets
#   SUITE     prefix of the tests' names: pvh makes pvh-NAME and pvh32-NAME
# and its caller
#   XEN_TREE  a Xen source tree, for Xen's public headers
#   O         where to put everything (default: build, below the Makefile)
#   V         1 to see the commands

PVH := $(dir $(abspath $(lastword $(MAKEFILE_LIST))))
ROOT := $(abspath $(PVH)/../..)
O ?= build
Q := $(if $(filter 1,$(V)),,@)

ifneq ($(MAKECMDGOALS),clean)
ifeq ($(wildcard $(XEN_TREE)/xen/include/public/xen.h),)
$(error XEN_TREE has to name a Xen source tree: XEN_TREE='$(XEN_TREE)')
endif
endif

# A folder with a main.c is a test; its test.cfg says in which modes it runs.
DIRS := $(patsubst %/main.c,%,$(wildcard */main.c))
modes = $(shell sed -n 's/^modes *= *//p' $(1)/test.cfg 2>/dev/null)
DIRS32 := $(foreach d,$(DIRS),$(if $(filter 32 32flat,$(call modes,$(d))),$(d)))
DIRS64 := $(foreach d,$(DIRS),$(if $(if $(call modes,$(d)),$(filter 64,$(call modes,$(d))),64),$(d)))

CC ?= gcc
AR ?= ar
# -isystem: Xen's headers are not ours to be warned about.
CPPFLAGS := -I$(PVH)include -I$(ROOT)/hv/xen/include \
	-isystem $(XEN_TREE)/xen/include -D__XEN_INTERFACE_VERSION__=0x00041300
CFLAGS := -std=gnu11 -O2 -g -Wall -Wextra -Werror -ffreestanding -fno-pic \
	-fno-pie -fno-stack-protector -fno-asynchronous-unwind-tables \
	-fno-strict-aliasing -fcf-protection=none -mgeneral-regs-only -MMD -MP
CFLAGS64 := -m64 -mno-red-zone -mcmodel=small
CFLAGS32 := -m32 -march=i686
LDFLAGS := -nostdlib -static -no-pie -Wl,--build-id=none \
	-Wl,-z,noexecstack -Wl,--no-warn-rwx-segments

LIB_OBJS := $(patsubst $(PVH)lib/%,%.o,$(wildcard $(PVH)lib/*.c $(PVH)lib/*.S))

IMAGES := $(DIRS64:%=$(O)/$(SUITE)-%) $(DIRS32:%=$(O)/$(SUITE)32-%)

all: $(IMAGES)

# $(1): 64 or 32, $(2): what follows the suite's name
define rules
$(O)/lib$(1)/%.o: $(PVH)lib/%
	@mkdir -p $$(@D)
	@echo "  CC$(1)    $$(notdir $$@)"
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) $(CFLAGS$(1)) -c -o $$@ $$<

$(O)/libpvh$(1).a: $(LIB_OBJS:%=$(O)/lib$(1)/%)
	@echo "  AR$(1)    $$(notdir $$@)"
	$(Q)$(AR) rcs $$@.tmp $$^ && mv $$@.tmp $$@

$(O)/test$(1)/%.o: %/main.c
	@mkdir -p $$(@D)
	@echo "  CC$(1)    $$*/main.c"
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) $(CFLAGS$(1)) \
		-DPVH_TEST_NAME='"$(SUITE)$(2)-$$*"' -c -o $$@ $$<

$(O)/$(SUITE)$(2)-%: $(O)/test$(1)/%.o $(O)/libpvh$(1).a $(PVH)lib/link.lds
	@echo "  LD$(1)    $$(notdir $$@)"
	$(Q)$(CC) $(CFLAGS$(1)) $(LDFLAGS) -T $(PVH)lib/link.lds -o $$@ $$< \
		-Wl,--whole-archive $(O)/libpvh$(1).a
endef

$(eval $(call rules,64,))
$(eval $(call rules,32,32))

clean:
	rm -rf $(O)

.PHONY: all clean
.SECONDARY:
-include $(wildcard $(O)/*/*.d)
