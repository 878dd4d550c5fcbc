# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Xen: its source, and Debian's own hypervisor and toolstack of a version; to be
# sourced by scripts/fetch.

# Where the source of each version is, newest first; the release proper before
# what its security updates have, of which not every tarball is served.  The
# last is what all falls back to.
XEN_SOURCES='4.20 trixie
             4.20 trixie-security
             4.17 bookworm
             4.17 bookworm-security'

# The release whose binary packages go with Xen $1; empty if there is none.
xen_release()
{
    awk -v version="$1" '$1 == version { print $2; exit }' <<< "$XEN_SOURCES"
}

# unpack_xen TARBALL DIR: what it takes to build the hypervisor.
unpack_xen()
{
    local top

    top=$(tar -tf "$1" 2> /dev/null | sed -n '1s,/.*,,p') || :
    [ -n "$top" ] || die "$1 is no tarball that tar can read"
    tar -C "$2" --strip-components=1 -xf "$1" \
        "$top/Config.mk" "$top/COPYING" "$top/config" "$top/xen" ||
        die "$1 is no tarball of Xen's source"
}

# copy_xen TREE DIR: the same, of a tree; of a checkout what git knows of.
copy_xen()
{
    local parts=(Config.mk COPYING config xen)

    if [ -e "$1/.git" ]; then
        git -C "$1" -c safe.directory='*' ls-files -z -- "${parts[@]}"
    else
        (cd "$1" && find "${parts[@]}" ! -type d -print0)
    fi | (cd "$1" && xargs -0 cp -P --parents -t "$2")
}

# A tree of somebody's own, as it is now.
own_tree()
{
    local tree=$SWTLB_XEN_TREE

    [ -f "$tree/xen/Makefile" ] ||
        die "SWTLB_XEN_TREE: $tree is no Xen source tree"
    [ ! -e "$tree/xen/common/swtlb.c" ] ||
        die "SWTLB_XEN_TREE: $tree has the software TLB in it already" \
            'Give an original tree: scripts/xen-tree revert'
    tree=$(cd "$tree" && pwd)
    cached xen-source "$(hash_of "$tree/Config.mk" "$tree/config" \
                                 "$tree/xen")" copy_xen "$tree"
}

# fetch_xen_into VERSION RELEASE DIR
fetch_xen_into()
{
    local tarball

    say "fetching the source of Xen $1 (Debian $2)"
    download deb-src "$2" "$3" source --download-only --tar-only xen
    tarball=$(find "$3" -name 'xen_*.orig.tar.*' ! -name '*.asc')
    case ${tarball##*/} in
    xen_"$1".*) ;;
    *)          unavailable "Debian $2 has ${tarball##*/} by now" ;;
    esac
    unpack_xen "$tarball" "$3"
    rm -f "$tarball"
}

# xen_from VERSION RELEASE: the source as one release has it.
xen_from()
{
    local entry failed

    refresh_lists deb-src "$2"
    # The index entry names the version and the tarball's hash.
    entry=$(private_apt deb-src "$2" apt-cache showsrc --only-source xen |
                grep -E '^Version:|^ [0-9a-f]{64} .*\.orig\.tar\.') ||
        unavailable "Debian $2 has no source of Xen"
    entry=$(hash_of "=$entry")
    # Nor will it be a minute later, and there are many who ask.
    failed=$CACHE/lock/no-xen-$1-$2-$entry
    [ -z "$(find "$failed" -mmin -60 2> /dev/null)" ] ||
        unavailable "$(< "$failed")"
    SWTLB_REASON=$failed cached "xen-source-$1" "$entry" \
                                fetch_xen_into "$1" "$2"
}

# source_of VERSION: the first of its sources that can be had.
source_of()
{
    local version release rc why=

    while read -r version release; do
        [ "$version" = "$1" ] || continue
        outcome xen_from "$version" "$release"
        case $rc in
        0) return 0 ;;
        4) why+="${why:+, }Debian $release" ;;
        *) exit "$rc" ;;
        esac
    done <<< "$XEN_SOURCES"
    [ -n "$why" ] || die "Xen $1 is none that Debian has; have a look at --help"
    unavailable "the source of Xen $1 cannot be had from $why"
}

# The newest of all versions that can be had.
newest_source()
{
    local version rc

    for version in $(awk '{ print $1 }' <<< "$XEN_SOURCES" | uniq); do
        outcome source_of "$version"
        [ "$rc" -eq 4 ] || exit "$rc"
    done
    die 'no source of Xen can be had' \
        'Name a tree of your own in SWTLB_XEN_TREE, or a tarball in' \
        'SWTLB_XEN_TARBALL.'
}

fetch_xen()
{
    local version=${1-${SWTLB_XEN_VERSION-}}

    need_packages xz-utils
    if [ -n "${SWTLB_XEN_TREE-}" ]; then
        own_tree
    elif [ -n "${SWTLB_XEN_TARBALL-}" ]; then
        [ -f "$SWTLB_XEN_TARBALL" ] ||
            die "SWTLB_XEN_TARBALL: no such file: $SWTLB_XEN_TARBALL"
        cached xen-source "$(hash_of "$SWTLB_XEN_TARBALL")" \
               unpack_xen "$SWTLB_XEN_TARBALL"
    elif [ -n "$version" ]; then
        source_of "$version"
    else
        newest_source
    fi
}

fetch_xen_version()
{
    local tree

    tree=$(fetch_xen "$@")
    xen_version "$tree"
}

# unpack_xen_debian PACKAGE RELEASE DIR: Debian's hypervisor, as an ELF file.
unpack_xen_debian()
{
    local gz

    unpack_debs "$2" "$1" "$3"
    gz=$(find "$3/boot" -name 'xen-*.gz')
    gunzip -c "$gz" > "$3/xen"
    rm -r "${3:?}/boot"
}

# Named for the version, which a reader of figures wants to know.
fetch_xen_debian()
{
    local version release package dir

    version=$(fetch_xen_version "$@")
    release=$(xen_release "$version")
    [ -n "$release" ] || unavailable "Debian has no package of Xen $version"
    refresh_lists deb "$release"
    package=xen-hypervisor-$version-amd64
    dir=$(cached "xen-debian-$version" \
                 "$(hash_of "=$(version_of "$release" "$package")")" \
                 unpack_xen_debian "$package" "$release")
    version=$(version_of "$release" "$package")
    [ -e "$dir/debian-$version" ] || ln -s xen "$dir/debian-$version"
    echo "$dir/debian-$version"
}

# ---- the toolstack -------------------------------------------------------

# Everything that the programs below need of Xen VERSION; xen-utils depends on
# much more.
toolstack_packages()
{
    echo "xen-utils-$1 xenstore-utils libxenmisc$1
        libxentoolcore1 libxentoollog1 libxencall1 libxendevicemodel1
        libxenevtchn1 libxenforeignmemory1 libxengnttab1 libxenhypfs1
        libxenstore4 libyajl2 libuuid1 libc6 libgcc-s1 liblzma5 libzstd1 zlib1g"
}

# Not the wrappers in /usr/sbin, which ask for the running Xen first.
TOOLSTACK_PROGRAMS='xl xenstored xenconsoled xenconsole xen-init-dom0
    libxl-save-helper'

# needed_libraries FILE...: what the dynamic linker would look for.
needed_libraries()
{
    readelf -d "$@" | sed -n 's/.*(NEEDED).*\[\(.*\)\].*/\1/p' | sort -u
}

# take_libraries FROM DIR PROGRAM...: put the libraries that the programs need,
# and those that these need, to where the dynamic linker finds them.
take_libraries()
{
    local from=$1/usr/lib/x86_64-linux-gnu to=$2/usr/lib/x86_64-linux-gnu
    local file library

    shift 2
    mkdir -p "$to"
    for file in "$@"; do
        while read -r library; do
            [ ! -e "$to/$library" ] || continue
            [ -e "$from/$library" ] ||
                die "${file##*/} needs $library" \
                    'Its package has to be added to those that are fetched.'
            cp -L "$from/$library" "$to/$library"
            take_libraries "${from%/usr/*}" "${to%/usr/*}" "$to/$library"
        done <<< "$(needed_libraries "$file" | sed '/^ld-linux/d; /^$/d')"
    done
}

# unpack_toolstack VERSION RELEASE PACKAGE... DIR
unpack_toolstack()
{
    local dir=${*: -1} bin=usr/lib/xen-$1/bin all deb program

    all=$dir/all
    mkdir -p "$all" "$dir"/{lib64,usr/bin} "$dir/$bin"
    say "fetching Debian $2's toolstack of Xen $1"
    download deb "$2" "$all" download "${@:3:$#-3}"
    for deb in "$all"/*.deb; do
        dpkg-deb -x "$deb" "$all"
    done
    # Up to Debian 12 some files are in /lib, which is /usr/lib when installed.
    if [ -d "$all/lib" ]; then
        cp -a "$all"/lib/. "$all/usr/lib/"
        ! [ -d "$all/lib64" ] || cp -a "$all"/lib64/. "$all/usr/lib64/"
    fi
    for program in $TOOLSTACK_PROGRAMS; do
        cp "$all/$bin/$program" "$dir/$bin/"
    done
    for program in read write ls rm; do
        cp "$all/usr/bin/xenstore-$program" "$dir/usr/bin/"
    done
    cp -L "$all/usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2" "$dir/lib64/"
    take_libraries "$all" "$dir" "$dir/$bin"/* "$dir"/usr/bin/*
    # The C library loads it when a thread is cancelled.
    cp -L "$all/usr/lib/x86_64-linux-gnu/libgcc_s.so.1" \
       "$dir/usr/lib/x86_64-linux-gnu/"
    rm -r "$all"
}

fetch_toolstack()
{
    local version release versions packages

    need_packages binutils
    version=$(fetch_xen_version "$@")
    release=$(xen_release "$version")
    [ -n "$release" ] || unavailable "Debian has no toolstack of Xen $version"
    refresh_lists deb "$release"
    read -r -d '' -a packages <<< "$(toolstack_packages "$version")" || :
    # Of all in one go: apt takes a second each time.
    versions=$(private_apt deb "$release" apt-cache show \
                           --no-all-versions "${packages[@]}" |
                   grep -E '^(Package|Version): ')
    cached "toolstack-$version" \
           "$(hash_of "=$versions" "=$TOOLSTACK_PROGRAMS" \
                      "=$(declare -f unpack_toolstack)")" \
           unpack_toolstack "$version" "$release" "${packages[@]}"
}
