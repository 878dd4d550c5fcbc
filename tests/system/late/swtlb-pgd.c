// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tells programs, in debugfs' swtlb-pgd, where their page tables are: what CR3
 * has of the process that reads.
 */
#include <linux/debugfs.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/sched.h>

static struct dentry *file;

static ssize_t pgd_read(struct file *f, char __user *buf, size_t len,
			loff_t *at)
{
	char text[32];
	int size = scnprintf(text, sizeof(text), "%#lx\n",
			     __pa(current->mm->pgd));

	return simple_read_from_buffer(buf, len, at, text, size);
}

static const struct file_operations pgd_fops = {
	.owner = THIS_MODULE,
	.read = pgd_read,
	.llseek = default_llseek,
};

static int __init pgd_init(void)
{
	file = debugfs_create_file("swtlb-pgd", 0400, NULL, NULL, &pgd_fops);

	return PTR_ERR_OR_ZERO(file);
}
module_init(pgd_init);

static void __exit pgd_exit(void)
{
	debugfs_remove(file);
}
module_exit(pgd_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Test of xen-swtlb: tells where page tables are");
