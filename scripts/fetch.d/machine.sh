# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# A machine: a disk with a Debian on it that has Xen, and an archive of the
# packages that it gets later; to be sourced by scripts/fetch.

# What it has, besides what every Debian has.  The last is what the headers of a
# kernel of backports depend on.
MACHINE_PACKAGES='systemd-sysv udev kmod procps e2fsprogs initramfs-tools
    linux-image-amd64 linux-headers-amd64 grub-pc xen-system-amd64 dkms pahole'

# backports_packages SUITE: what a newer kernel and its headers consist of.
backports_packages()
{
    local image headers

    image=$(real_package "$1" linux-image-amd64)
    headers=$(real_package "$1" linux-headers-amd64)
    echo linux-image-amd64 linux-headers-amd64 "$image" "$headers"
    # Newer ones are in several packages, this kernel's version in each name;
    # of headers the common part and the programs to build with.
    dependencies "$1" "$image" linux- | grep -F -- "-${image#linux-image-}" || :
    dependencies "$1" "$headers" \
        'linux-\(headers-.*-common\|kbuild-\|compiler-\)'
}

# archive SUITE DIR PACKAGE...: an archive at DIR, from which the machine's apt
# installs as from Debian's.
archive()
{
    local suite=$1 dir=$2 package

    shift 2
    mkdir -p "$dir"
    for package in "$@"; do
        say "fetching $package"
        download deb "$suite" "$dir" download "$package"
    done
    (cd "$dir" && dpkg-scanpackages -m . > Packages 2> /dev/null)
    {
        echo 'Origin: Debian Backports'
        echo "Suite: $suite"
        echo "Codename: $suite"
        # As there is no other archive, or all would be upgraded.
        echo 'NotAutomatic: yes'
        echo 'SHA256:'
        (cd "$dir" && stat -c "%s %n" Packages |
             sed "s/^/ $(sha256sum < Packages | cut -d' ' -f1) /")
    } > "$dir/Release"
}

# The initramfs gets what finds this disk, and no more: an emulated processor has
# to unpack it.  Before the kernel is installed, which makes it.
# shellcheck disable=SC2016 # for mmdebstrap to expand
INITRAMFS_HOOK='mkdir -p "$1/etc/initramfs-tools/conf.d" \
        "$1/usr/share/initramfs-tools/modules.d"
    printf "MODULES=list\nCOMPRESS=gzip\n" \
        > "$1/etc/initramfs-tools/conf.d/machine"
    printf "ahci\nsd_mod\next4\ncrc32c_generic\n" \
        > "$1/usr/share/initramfs-tools/modules.d/machine"'

# configure_machine ROOT SUITE: what an administrator has set up.
configure_machine()
{
    echo '/dev/sda1 / ext4 errors=remount-ro 0 0' > "$1/etc/fstab"
    echo machine > "$1/etc/hostname"
    chroot "$1" passwd -qd root
    # Without the mirror that it came from: it has no network.
    rm -f "$1"/etc/apt/sources.list "$1"/etc/apt/sources.list.d/* \
          "$1"/etc/apt/apt.conf.d/*mmdebstrap
    echo "deb [trusted=yes] file:/srv/archive ./" \
        > "$1/etc/apt/sources.list.d/archive.list"
    cp "$TOP/scripts/fetch.d/machine-grub" "$1/etc/default/grub"
    # No limits by the clock: the emulator has one that is just.
    mkdir -p "$1/etc/systemd/system.conf.d"
    cat > "$1/etc/systemd/system.conf.d/patience.conf" <<'CONF'
[Manager]
DefaultTimeoutStartSec=infinity
DefaultTimeoutStopSec=infinity
CONF
    # What takes an emulated processor seconds, and is of no use here.
    chroot "$1" systemd-machine-id-setup
    chroot "$1" systemctl -q mask modprobe@efi_pstore.service \
        modprobe@drm.service systemd-pstore.service systemd-random-seed.service \
        systemd-update-utmp.service systemd-update-utmp-runlevel.service \
        e2scrub_reap.service apt-daily.timer apt-daily-upgrade.timer \
        dpkg-db-backup.timer e2scrub_all.timer fstrim.timer \
        getty@tty1.service
}

# The disk: GRUB in front, and one partition.  (grub-install would ask the kernel
# which disk the partition is on, and a loop device has none.)
# write_disk ROOT DISK
write_disk()
{
    local megabytes=6144 grub=boot/grub/i386-pc

    mkdir -p "$1/$grub"
    cp "$1"/usr/lib/grub/i386-pc/*.{mod,lst} "$1/$grub/"
    chroot "$1" grub-mkimage -O i386-pc -o "/$grub/core.img" \
        -p '(hd0,msdos1)/boot/grub' biosdisk part_msdos ext2
    truncate -s ${megabytes}M "$2"
    printf 'label: dos\nstart=2048,type=83,bootable\n' | sfdisk -q "$2"
    # Older ones cannot read what newer file systems have.
    mke2fs -q -t ext4 -O ^metadata_csum_seed,^orphan_file -L machine \
        -E offset=1048576 -d "$1" "$2" $((megabytes - 1))M
    dd status=none conv=notrunc bs=440 count=1 \
       if="$1/usr/lib/grub/i386-pc/boot.img" of="$2"
    dd status=none conv=notrunc bs=512 seek=1 if="$1/$grub/core.img" of="$2"
}

# build_machine SUITE "BACKPORTS..." DIR
build_machine()
{
    local suite=$1 dir=$3 root=$3/root packages backports

    read -r -d '' -a packages <<< "$MACHINE_PACKAGES" || :
    read -r -d '' -a backports <<< "$2" || :
    # It is written by root, who may leave mounts behind if it is interrupted.
    run_logged "installing Debian ($suite) on a disk" "$dir/log" 0 \
        mmdebstrap --mode=root --variant=minbase --quiet \
            --include="$(IFS=,; echo "${packages[*]}")" \
            --aptopt='APT::Install-Recommends "false"' \
            --dpkgopt='path-exclude=/usr/share/man/*' \
            --dpkgopt='path-exclude=/usr/share/locale/*' \
            --dpkgopt='path-exclude=/usr/share/doc/*/changelog*' \
            --essential-hook="$INITRAMFS_HOOK" \
            "$suite" "$root" "$CACHE/apt-deb-$suite/sources/own.sources"
    archive "$suite-backports" "$root/srv/archive" "${backports[@]}"
    configure_machine "$root"
    write_disk "$root" "$dir/disk"
    # shellcheck disable=SC2016 # for sh to expand
    "$TOP/scripts/in-disk" "$dir/disk" sh -c \
        'chroot "$0" apt-get -qq update && chroot "$0" update-grub' \
        >> "$dir/log" 2>&1
    rm -rf "$root" "$dir/log"
}

# fetch_machine [VERSION]: of the release whose toolstack goes with that Xen.
fetch_machine()
{
    local version suite backports versions dir packages

    version=$(fetch_xen_version "$@")
    suite=$(xen_release "$version")
    [ -n "$suite" ] || unavailable "Debian has no toolstack of Xen $version"
    [ "$(id -u)" -eq 0 ] ||
        unavailable 'only root can install a Debian on a disk'
    [ -c /dev/loop-control ] ||
        unavailable 'there are no loop devices, to write to a disk with'
    need_packages mmdebstrap fdisk e2fsprogs dpkg-dev
    refresh_lists deb "$suite"
    refresh_lists deb "$suite-backports"
    backports=$(backports_packages "$suite-backports")
    read -r -d '' -a packages <<< "$MACHINE_PACKAGES $(
        real_package "$suite" linux-image-amd64)" || :
    versions=$(private_apt deb "$suite" apt-cache show --no-all-versions \
                           "${packages[@]}" |
                   grep -E '^(Package|Version|Depends): ')
    dir=$(cached "machine-$suite" \
                 "$(hash_of "=$versions" "=$backports" \
                            "$TOP/scripts/fetch.d/machine.sh" \
                            "$TOP/scripts/fetch.d/machine-grub")" \
                 build_machine "$suite" "$backports")
    echo "$dir/disk"
}
