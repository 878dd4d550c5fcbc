# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# QEMU and Bochs; to be sourced by scripts/fetch.

# depends_of RELEASE PACKAGE...: what these need of the release, themselves
# among it, a package a line.
depends_of()
{
    local release=$1

    shift
    private_apt deb "$release" apt-cache depends --recurse --important "$@" |
        sed -n 's/^\([a-z0-9][^:]*\)\(:.*\)\?$/\1/p' | sort -u
}

# unpack_qemu RELEASE "LIBRARY..." SUITE "PACKAGE..." DIR
# shellcheck disable=SC2016 # for the script to expand
unpack_qemu()
{
    local dir=$5 all=$5/toolchain deb packages

    mkdir -p "$all" "$dir/bin"
    say "fetching QEMU from Debian $3"
    read -r -d '' -a packages <<< "$2" || :
    download deb "$1" "$all" download "${packages[@]}"
    read -r -d '' -a packages <<< "$4" || :
    download deb "$3" "$all" download "${packages[@]}"
    for deb in "$all"/*.deb; do
        dpkg-deb -x "$deb" "$all"
        rm "$deb"
    done
    # Where Debian 12 has some of the libraries.
    [ ! -d "$all/lib" ] || cp -a "$all/lib/." "$all/usr/lib/"
    wrap "$dir/bin/qemu-system-x86_64" 'top=${self%/bin/*}
export QEMU_MODULE_DIR=$top/toolchain/usr/lib/x86_64-linux-gnu/qemu' \
         '"$top/toolchain/usr/bin/qemu-system-x86_64" \
             -L "$top/toolchain/usr/share/qemu" \
             -L "$top/toolchain/usr/share/seabios"'
    "$dir/bin/qemu-system-x86_64" -accel tcg -machine none -display none \
        -monitor stdio <<< quit ||
        die "QEMU from Debian $3 does not run here"
}

fetch_qemu()
{
    local release suite packages='qemu-system-x86 qemu-system-data
                                qemu-system-common'
    local needs libraries versions dir

    case $1 in
    7.2) release=bookworm suite=bookworm ;;
    10)  release=bookworm suite=bookworm-backports ;;
    11)  release=trixie   suite=trixie-backports ;;
    *)   die_usage "qemu: there is no version '$1', but 7.2, 10 and 11" ;;
    esac
    refresh_lists deb $release
    refresh_lists deb $suite
    # The firmware is of the same suite if that has one.
    if private_apt deb $suite apt-cache show seabios > /dev/null 2>&1; then
        packages+=' seabios'
        needs=
    else
        needs=seabios
    fi
    needs+=$(private_apt deb $suite apt-cache show --no-all-versions \
                         qemu-system-x86 |
                 sed -n 's/^Depends: //p' | tr ',' '\n' |
                 sed -n 's/^ *\(lib[^ ]*\).*/ \1/p' | xargs -d '\n')
    # shellcheck disable=SC2086 # into words
    libraries=$(depends_of $release $needs | grep -E '^(lib|zlib|seabios$)')
    # shellcheck disable=SC2086
    versions=$(private_apt deb $suite apt-cache show --no-all-versions \
                           $packages
               private_apt deb $release apt-cache show --no-all-versions \
                           $libraries)
    versions=$(grep -E '^(Package|Version): ' <<< "$versions")
    dir=$(cached "qemu-$1" "$(hash_of "=$versions" \
                                      "=$(declare -f unpack_qemu wrap)")" \
                 unpack_qemu $release "$libraries" $suite "$packages")
    echo "$dir/bin/qemu-system-x86_64"
}

# Without a window, on which its program depends nevertheless.
BOCHS_PACKAGES='bochs bochs-term bochsbios vgabios'

# unpack_bochs RELEASE "PACKAGE..." DIR
# shellcheck disable=SC2016 # for the script to expand
unpack_bochs()
{
    local dir=$3 all=$3/all top=$3/toolchain deb packages
    local lib=usr/lib/x86_64-linux-gnu

    mkdir -p "$all" "$dir/bin" "$top/usr/bin" "$top/$lib"
    say "fetching Bochs from Debian $1"
    read -r -d '' -a packages <<< "$2" || :
    download deb "$1" "$all" download "${packages[@]}"
    for deb in "$all"/*.deb; do
        dpkg-deb -x "$deb" "$all"
    done
    # Where Debian 12 has some of the libraries.
    [ ! -d "$all/lib" ] || cp -a "$all/lib/." "$all/usr/lib/"
    cp "$all/usr/bin/bochs-bin" "$top/usr/bin/"
    cp -a "$all/$lib/bochs" "$top/$lib/"
    cp -L "$all/$lib/ld-linux-x86-64.so.2" "$top/$lib/"
    take_libraries "$all" "$top" "$top/usr/bin/bochs-bin" \
                   "$top/$lib"/bochs/plugins/libbx_term_gui.so
    mkdir "$dir/firmware"
    cp -L "$all"/usr/share/bochs/*BIOS-* "$dir/firmware/"
    rm -r "$all"
    wrap "$dir/bin/bochs" 'top=${self%/bin/*}
export LTDL_LIBRARY_PATH=$top/toolchain/usr/lib/x86_64-linux-gnu/bochs/plugins
export BXSHARE=$top/firmware' \
         '"$top/toolchain/usr/bin/bochs-bin"'
    # It does not tell by its exit code.
    "$dir/bin/bochs" --help cpu 2>&1 | grep corei7 > /dev/null ||
        die "Bochs from Debian $1 does not run here"
}

fetch_bochs()
{
    local version rc

    if [ $# -gt 0 ]; then
        bochs_of "$1"
        return
    fi
    for version in 3.0 2.7; do
        set +e
        (set -e; bochs_of $version)
        rc=$?
        set -e
        [ $rc -eq 4 ] || exit $rc
    done
    unavailable 'no Bochs can be had'
}

# bochs_of VERSION
bochs_of()
{
    local release needs libraries versions dir

    case $1 in
    2.7) release=bookworm ;;
    3.0) release=trixie ;;
    *)   die_usage "bochs: there is no version '$1', but 2.7 and 3.0" ;;
    esac
    need_packages binutils
    refresh_lists deb $release
    needs=$(dependencies $release bochs lib; dependencies $release bochs-term lib)
    # shellcheck disable=SC2086 # into words
    libraries=$(depends_of $release $needs | grep -E '^(lib|zlib)')
    # shellcheck disable=SC2086
    versions=$(private_apt deb $release apt-cache show --no-all-versions \
                           $BOCHS_PACKAGES $libraries |
                   grep -E '^(Package|Version): ')
    dir=$(cached "bochs-$1" \
                 "$(hash_of "=$versions" \
                            "=$(declare -f unpack_bochs take_libraries wrap)")" \
                 unpack_bochs $release "$BOCHS_PACKAGES $libraries")
    echo "$dir/bin/bochs"
}
