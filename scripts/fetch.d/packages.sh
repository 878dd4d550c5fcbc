# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Debian's packages, with package lists of our own; to be sourced by scripts/fetch.

# private_apt KIND RELEASE TOOL ARGUMENT...: run apt-get or apt-cache (TOOL)
# with package lists of our own, for a release that need not be the machine's.
private_apt()
{
    local dir=$CACHE/apt-$1-$2 tool=$3

    shift 3
    "$tool" -qq \
        -o Dir::Etc::SourceList=/dev/null \
        -o Dir::Etc::SourceParts="$dir/sources" \
        -o Dir::Etc::Preferences=/dev/null \
        -o Dir::Etc::PreferencesParts=/dev/null \
        -o Dir::State::Lists="$dir/lists" \
        -o Dir::Cache="$dir/cache" \
        -o Acquire::Languages=none \
        -o APT::Architecture=amd64 \
        -o APT::Architectures=amd64 \
        -o APT::Sandbox::User=root \
        "$@"
}

# refresh_lists KIND RELEASE: have package lists that are not too old.
refresh_lists()
{
    local dir=$CACHE/apt-$1-$2 lock

    # One run at a time; and not the same again for the one that waited.
    mkdir -p "$CACHE/lock"
    exec {lock}> "$CACHE/lock/apt-$1-$2"
    flock "$lock"
    if ! [ "$dir/updated" -nt "$TOP/scripts/apt-sources" ] ||
       [ -n "$(find "$dir/updated" -mtime +6)" ]; then
        say "reading the package lists of Debian $2 ($1)"
        mkdir -p "$dir"/{sources,lists/partial,cache/archives/partial}
        "$TOP/scripts/apt-sources" "$1" "$2" > "$dir/sources/own.sources" ||
            unavailable "no mirror is known for Debian $2"
        if private_apt "$1" "$2" apt-get update > "$dir/log" 2>&1; then
            touch "$dir/updated"
        elif [ -e "$dir/updated" ]; then
            warn "cannot read the package lists anew: $(tail -n 1 "$dir/log")"
        else
            sed 's/^/  | /' "$dir/log" >&2
            unavailable "apt cannot read the package lists of Debian $2"
        fi
    fi
    exec {lock}>&-
}

# download KIND RELEASE DIR COMMAND...: apt-get COMMAND, into DIR.
download()
{
    local kind=$1 release=$2 dir=$3 log=$CACHE/apt-$1-$2/log

    shift 3
    (cd "$dir" && private_apt "$kind" "$release" apt-get "$@") 2> "$log" &&
        return
    # A list may name what the mirror has replaced since.
    rm -f "$CACHE/apt-$kind-$release/updated"
    refresh_lists "$kind" "$release"
    (cd "$dir" && private_apt "$kind" "$release" apt-get "$@") 2> "$log" ||
        unavailable "Debian $release does not serve ${*: -1}: $(
            sed -n 's,^E: Failed to fetch [^ ]*/\([^ ]* *[^[]*[^[ ]\).*,\1,p' \
                "$log" | head -n 1)"
}

# version_of RELEASE PACKAGE
version_of()
{
    private_apt deb "$1" apt-cache show --no-all-versions "$2" |
        sed -n 's/^Version: //p'
}

# The kernel package that linux-image-amd64 or linux-headers-amd64 stands for.
# real_package RELEASE PACKAGE
real_package()
{
    local package

    package=$(dependencies "$1" "$2" "${2%-amd64}-[0-9]")
    [ -n "$package" ] || unavailable "Debian $1 has no $2"
    echo "$package"
}

# dependencies RELEASE PACKAGE PATTERN: those whose names begin as PATTERN says,
# a line each.
dependencies()
{
    # No such package: none.
    { private_apt deb "$1" apt-cache show --no-all-versions "$2" 2> /dev/null ||
          :; } |
        sed -n 's/^Depends: *//p' | tr ',' '\n' |
        sed -n "s/^ *\($3[^ ]*\).*/\1/p"
}

# unpack_debs RELEASE "PACKAGE..." DIR
unpack_debs()
{
    local package deb packages

    read -r -d '' -a packages <<< "$2" || :
    for package in "${packages[@]}"; do
        say "fetching $package"
        download deb "$1" "$3" download "$package"
        for deb in "$3"/*.deb; do
            dpkg-deb -x "$deb" "$3"
            rm "$deb"
        done
    done
}

# debs NAME RELEASE PACKAGE...: print the directory that the packages were
# unpacked to.
debs()
{
    local name=$1 release=$2 package inputs=()

    shift 2
    for package in "$@"; do
        inputs+=("=$package $(version_of "$release" "$package")")
    done
    cached "$name" "$(hash_of "${inputs[@]}")" unpack_debs "$release" "$*"
}

# wrap PROGRAM TOP COMMAND: write a script PROGRAM that runs COMMAND with Debian
# 13's C library.  TOP is the line that sets $top, where it all is, from the
# script's own place $self: the cache may move.
wrap()
{
    cat > "$1" <<WRAPPER
#!/bin/sh
self=\$(readlink -f "\$0")
$2
lib=\$top/toolchain/usr/lib/x86_64-linux-gnu
exec "\$lib/ld-linux-x86-64.so.2" --library-path "\$lib" --argv0 "\$self" \\
    $3 "\$@"
WRAPPER
    chmod 755 "$1"
}
