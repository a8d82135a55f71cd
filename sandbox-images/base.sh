#!/usr/bin/env bash
# Makes a base image without a registry: a minimal Debian with the packages of one sandbox image, as a tar archive.
#
#   base.sh package|internet OUTPUT.tar [SUITE]
#
# SUITE is bookworm (Debian 12, with Python 3.11) unless another is named, such as trixie (3.13).
# Import it with `docker import OUTPUT.tar TAG` and give TAG as the build argument BASE. Needs mmdebstrap and a Debian
# mirror: the one in $FUMEHOOD_DEBIAN_MIRROR, or else mmdebstrap's own default. A mirror that is a snapshot of the past says that
# its lists are expired; FUMEHOOD_DEBIAN_SNAPSHOT=1 takes them all the same (their signatures are checked in any case).
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
image=${1:?usage: base.sh package|internet OUTPUT.tar [SUITE]}
output=${2:?usage: base.sh package|internet OUTPUT.tar [SUITE]}
suite=${3:-bookworm}
packages=$(paste -sd, "$here/$image/packages.txt")

# mmdebstrap does not read the host's apt configuration; a proxy that is set there has to reach it some other way.
if [ -z "${http_proxy:-}" ] && proxy=$(apt-config shell proxy Acquire::http::Proxy 2>/dev/null) && [ -n "$proxy" ]; then
    eval "$proxy"
    export http_proxy=$proxy
fi

# The keyring is named because a host that is not Debian does not trust Debian's keys by default. The hooks remove what
# mmdebstrap copies in from the host and its own settings, which a package must not find; their $1 is the new root.
# shellcheck disable=SC2016
exec mmdebstrap --variant=minbase --include="$packages" \
    --keyring=/usr/share/keyrings/debian-archive-keyring.gpg \
    --aptopt='Acquire::Languages "none"' --aptopt='Acquire::http::Timeout "30"' --aptopt='Acquire::Retries "2"' \
    ${FUMEHOOD_DEBIAN_SNAPSHOT:+--aptopt='Acquire::Check-Valid-Until "false"'} \
    --dpkgopt='path-exclude=/usr/share/doc/*' \
    --dpkgopt='path-exclude=/usr/share/man/*' \
    --dpkgopt='path-exclude=/usr/share/locale/*' \
    --customize-hook='rm -f "$1/etc/hostname" "$1/etc/resolv.conf"' \
    --customize-hook='rm -f "$1/etc/apt/apt.conf.d/99mmdebstrap" "$1/etc/dpkg/dpkg.cfg.d/99mmdebstrap"' \
    "$suite" "$output" ${FUMEHOOD_DEBIAN_MIRROR:+"$FUMEHOOD_DEBIAN_MIRROR"}
