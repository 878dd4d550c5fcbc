/* SPDX-License-Identifier: GPL-2.0-only */
/* The map allocates nothing. */
