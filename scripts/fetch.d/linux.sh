# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Linux: kernels, modules, headers, source, and a busybox to run on them; to be
# sourced by scripts/fetch.

# kernel_suite 12|13|backports: where the kernel is from.
kernel_suite()
{
    case $1 in
    12)        echo bookworm ;;
    13)        echo trixie ;;
    backports) echo trixie-backports ;;
    *)         die_usage "a kernel is from 12, 13 or backports, not '$1'" ;;
    esac
}

# kernel_directory 12|13|backports
kernel_directory()
{
    local suite package parts

    suite=$(kernel_suite "$1")
    refresh_lists deb "$suite"
    package=$(real_package "$suite" linux-image-amd64)
    # Newer ones are in several packages, this kernel's version in each name.
    read -r -d '' -a parts <<< "$(
        dependencies "$suite" "$package" linux- |
            grep -F -- "-${package#linux-image-}")" || :
    debs "linux-image$(suffix_of "$1")" "$suite" "$package" "${parts[@]}"
}

# suffix_of 12|13|backports: what names in the cache end in.
suffix_of()
{
    [ "$1" = 12 ] || echo "-$1"
}

# fetch_kernel 12|13|backports
fetch_kernel()
{
    local dir

    dir=$(kernel_directory "$1")
    # Newer ones are where their modules are.
    find "$dir" -name 'vmlinuz*' -type f
}

# fetch_modules 12|13|backports
fetch_modules()
{
    local dir

    dir=$(kernel_directory "$1")
    if [ -d "$dir/usr/lib/modules" ]; then
        echo "$dir"/usr/lib/modules/*
    else
        echo "$dir"/lib/modules/*
    fi
}

# Headers refer to each other by absolute path, which is not where they are
# in the cache.
unpack_headers()
{
    local dir=$3 makefile

    unpack_debs "$@"
    for makefile in "$dir"/usr/src/linux-headers-*-amd64/Makefile; do
        # shellcheck disable=SC2016 # for make to expand
        sed -i 's,/usr/src/,$(dir $(lastword $(MAKEFILE_LIST)))../,' \
            "$makefile"
    done
}

# Debian 13's compiler and kernel tools need a newer C library than Debian 12
# has.  They get theirs.
# shellcheck disable=SC2016 # for the scripts to expand
unpack_headers_13()
{
    local dir=$3 bin=$3/toolchain/bin program

    unpack_headers "$@"
    mkdir -p "$bin"
    unpack_debs "${1%-backports}" "$TOOLCHAIN_13" "$dir/toolchain"
    wrap "$bin/gcc-14" 'top=${self%/toolchain/*}' \
         '"$top/toolchain/usr/bin/x86_64-linux-gnu-gcc-14" \
             -B "$top/toolchain/bin/"'
    wrap "$bin/cc1" 'top=${self%/toolchain/*}' \
         "\"\$top/toolchain/$(cd "$dir/toolchain" &&
              echo usr/libexec/gcc/x86_64-linux-gnu/*/cc1)\""
    find "$dir"/usr/lib/linux-kbuild-* -type f -perm -1 |
        while read -r program; do
            # ELF files only, and of those the ones which get an interpreter.
            grep -qa ld-linux-x86-64 "$program" || continue
            mv "$program" "$program.debian-13"
            wrap "$program" 'top=${self%%/usr/lib/linux-kbuild*}' \
                 '"$self.debian-13"'
        done
    {
        echo 'CC := $(abspath $(dir $(lastword $(MAKEFILE_LIST))))'
        echo 'CC := $(CC)/../../../toolchain/bin/gcc-14'
    } >> "$(echo "$dir"/usr/src/linux-headers-*-amd64/.kernelvariables)"
    # Only for BTF, which takes pahole, and which nothing here looks at.
    rm -f "$dir"/usr/src/linux-headers-*-amd64/vmlinux
}

TOOLCHAIN_13='gcc-14-x86-64-linux-gnu cpp-14-x86-64-linux-gnu libc6 libgmp10
              libmpc3 libmpfr6 libisl23 libzstd1 zlib1g libstdc++6 libgcc-s1
              libelf1t64'

# fetch_headers 12|13|backports
fetch_headers()
{
    local suite package version parts unpack=unpack_headers key dir

    suite=$(kernel_suite "$1")
    refresh_lists deb "$suite"
    if [ "$1" != 12 ]; then
        unpack=unpack_headers_13
        # Of the compiler.
        refresh_lists deb "${suite%-backports}"
    fi
    package=$(real_package "$suite" linux-headers-amd64)
    version=$(version_of "$suite" "$package")
    read -r -d '' -a parts <<< "$(
        dependencies "$suite" "$package" \
                     'linux-\(headers-.*-common\|kbuild-\)')" || :
    [ ${#parts[@]} -eq 2 ] ||
        die "cannot tell what $package $version depends on: ${parts[*]}"
    key=$(hash_of "=$package $version ${parts[*]}" "=$TOOLCHAIN_13" \
                  "=$(declare -f unpack_headers unpack_headers_13 wrap)")
    dir=$(cached "linux-headers$(suffix_of "$1")" "$key" $unpack "$suite" \
                 "$package ${parts[*]}")
    echo "$dir"/usr/src/linux-headers-*-amd64
}

fetch_busybox()
{
    local dir

    refresh_lists deb bookworm
    dir=$(debs busybox bookworm busybox-static)
    echo "$dir/bin/busybox"
}

# fetch_linux [12|13]
fetch_linux()
{
    local name=linux-tarball release version dir

    case $1 in
    12) release=bookworm version=6.1 ;;
    13) release=trixie version=6.12 name+=-13 ;;
    *)  die_usage "linux: there is no release '$1'; 12 and 13 there are" ;;
    esac
    refresh_lists deb $release
    dir=$(debs $name $release linux-source-$version)
    echo "$dir/usr/src/linux-source-$version.tar.xz"
}
