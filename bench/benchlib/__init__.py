# SPDX-License-Identifier: GPL-2.0-only
"""What bench/run is made of: measuring, statistics, and presenting."""
