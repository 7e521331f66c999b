#!/usr/bin/env bash
# Persona Access on a plain Linux host with systemd, as root:
#   host.sh install CHECKOUT    user, folders, release, units; needs git, make, Python 3.11 to 3.13
#   host.sh upgrade CHECKOUT    backs up, sets the new release up beside the old one, then switches
#   host.sh previous            switches back to the previous release; the home is unchanged
#   host.sh backup              writes the home to one file, while no run is active
#   host.sh restore FILE        replaces the home with a backup; the old home is kept beside it
# HOST_ROOT puts everything below another folder, for tests without root.
set -euo pipefail
root="${HOST_ROOT-}"
user="${HOST_USER-persona-access}"
opt="$root/opt/persona-access"
home="$root/var/lib/persona-access"
backups="$root/var/backups/persona-access"
settings="$root/etc/persona-access.env"
units="$root/etc/systemd/system"
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
n_backups=35

fail() {
  echo "host.sh: $2" >&2
  exit "$1"
}

as_user() {
  if [ "$(id -un)" = "$user" ]; then "$@"; else runuser -u "$user" -- "$@"; fi
}

# Runs a command of the release in use (or of another one), with the settings of the host.
ours() {
  local release="$1"
  shift
  (
    set -a
    # shellcheck disable=SC1090
    . "$settings"
    # shellcheck disable=SC1091
    [ ! -e "$release/release.env" ] || . "$release/release.env"
    set +a
    cd "$release"
    as_user .venv/bin/persona-access "$@"
  )
}

make_place() {
  if [ -z "$root" ]; then
    [ "$(id -u)" -eq 0 ] || fail 2 "run it as root."
    id "$user" > /dev/null 2>&1 \
      || useradd --system --home-dir "$home" --shell /usr/sbin/nologin "$user"
  fi
  mkdir -p "$opt/releases" "$backups" "$units" "$(dirname "$settings")"
  # The script and the units are always the newest, even if an older release is in use.
  if [ "$here" != "$opt/host" ]; then
    rm -rf "$opt/host.new"
    cp -R "$here" "$opt/host.new"
    rm -rf "$opt/host"
    mv -T "$opt/host.new" "$opt/host"
  fi
  chmod 0700 "$backups"
  if [ ! -e "$home" ]; then
    mkdir -p "$home"
    chmod 0700 "$home"
    chown "$user" "$home"
  fi
  if [ ! -e "$settings" ]; then
    # Keys belong here, too: nobody but root reads it, and systemd hands it on.
    (umask 077 && sed "s|@HOME@|$home|" "$here/persona-access.env" > "$settings")
  fi
}

# Sets up a commit of a checkout as a release, and prints its folder.
set_up() {
  local checkout="$1" commit release
  commit="$(git -C "$checkout" rev-parse --verify 'HEAD^{commit}')" \
    || fail 2 "$checkout is not a checkout of the project."
  release="$opt/releases/$commit"
  if [ ! -e "$release/.complete" ]; then
    rm -rf "$release"
    mkdir -p "$release"
    git -C "$checkout" archive "$commit" | tar -x -C "$release"
    chown -R "$user" "$release"
    # The user's own folder is the home, which must not hold 1.5 GB of downloaded packages.
    (cd "$release" && as_user env UV_CACHE_DIR="$release/.cache/uv" PIP_CACHE_DIR="$release/.cache/pip" \
      make setup >&2) || fail 3 "make setup failed in $release; nothing changed."
    rm -rf "$release/.cache"
    # The run can write dbt's files, but cannot change the program.
    mkdir -p "$release/target" "$release/logs"
    if [ -z "$root" ]; then
      chown -R root "$release"
      chown -R "$user" "$release/target" "$release/logs"
    fi
    echo "$commit" > "$release/COMMIT"
    # Releases and the audit log name it: there is no git here to ask.
    echo "PERSONA_ACCESS_COMMIT=$commit" > "$release/release.env"
    touch "$release/.complete"
  fi
  echo "$release"
}

# Atomic, so that a run that starts meanwhile finds one of the two releases.
switch_to() {
  local was
  was="$(readlink "$opt/current" || true)"
  if [ -n "$was" ] && [ "$was" != "$1" ]; then
    ln -sfn "$was" "$opt/previous.new" && mv -T "$opt/previous.new" "$opt/previous"
  fi
  ln -sfn "$1" "$opt/current.new" && mv -T "$opt/current.new" "$opt/current"
  # A release before 0.2.0 has no units, and an earlier release can have fewer: use this script's.
  install -m 0644 "$here"/systemd/persona-access*.{service,timer} "$units/"
  [ -n "$root" ] || systemctl daemon-reload
  echo "In use: $(cat "$1/COMMIT")"
}

# Holds the locks of runs and loads, so that nothing changes while the home is copied.
alone() {
  local name
  for name in .run.lock raw/.lock; do
    mkdir -p "$(dirname "$home/$name")"
    exec {held}>> "$home/$name"
    # Files owned by root would block the run permanently.
    chown "$user" "$(dirname "$home/$name")" "$home/$name"
    flock --nonblock "$held" || fail 3 "a run or load is active: wait until it is done."
  done
}

# Checks the home against its audit log; a home without any load has no log.
is_sound() {
  if [ ! -e "$home/audit/log.jsonl" ] && [ -z "$(ls -A "$home/raw/load_ledger" 2> /dev/null)" ]; then
    echo "Nothing was loaded yet, so there is no audit log to verify."
  else
    ours "$1" audit verify
  fi
}

back_up() {
  alone
  local name file
  name="home_$(date -u +%Y%m%dT%H%M%SZ)"
  file="$backups/$name.tar.gz"
  (
    umask 077
    tar --create --gzip --file "$file.new" --directory "$home" --numeric-owner \
      --exclude ./.fetched --exclude ./.publishing --exclude ./.cache .
    (cd "$backups" && mv "$name.tar.gz.new" "$name.tar.gz" && sha256sum "$name.tar.gz" > "$name.sha256")
  )
  tar --list --gzip --file "$file" > /dev/null || fail 3 "$file cannot be read again."
  find "$backups" -name 'home_*.tar.gz' | sort | head -n "-$n_backups" | while read -r old; do
    rm -f "$old" "${old%.tar.gz}.sha256"
  done
  echo "Backed up: $file"
}

restore() {
  local file="$1" name kept
  name="$(basename "$file" .tar.gz)"
  [ -f "$file" ] || fail 2 "there is no file $file."
  (cd "$(dirname "$file")" && sha256sum --check --quiet "$name.sha256") \
    || fail 1 "$file was changed after it was written (or its $name.sha256 is missing); the home is unchanged."
  [ -e "$opt/current" ] || fail 2 "install first: host.sh install CHECKOUT."
  alone
  rm -rf "$home.restoring"
  mkdir -m 0700 "$home.restoring"
  tar --extract --gzip --file "$file" --directory "$home.restoring" --numeric-owner
  chown -R "$user" "$home.restoring"
  kept="$home.before-$(date -u +%Y%m%dT%H%M%SZ)"
  mv -T "$home" "$kept"
  mv -T "$home.restoring" "$home"
  is_sound "$opt/current" \
    || fail 1 "the restored home does not match its audit log; the previous home is $kept."
  echo "Restored: $file. The previous home is $kept; delete it when nobody needs it."
}

case "${1-} ${#}" in
  "install 2")
    [ ! -e "$opt/current" ] || fail 2 "it is installed: host.sh upgrade CHECKOUT."
    make_place
    release="$(set_up "$2")"
    switch_to "$release"
    ours "$release" load --init
    if [ -z "$root" ]; then
      systemctl enable --now persona-access.timer persona-access-verify.timer \
        persona-access-backup.timer
    fi
    echo "Next: put the settings into $settings, and run systemctl start persona-access."
    ;;
  "upgrade 2")
    [ -e "$opt/current" ] || fail 2 "it is not installed: host.sh install CHECKOUT."
    make_place
    release="$(set_up "$2")"
    back_up
    # The new release must be able to read the home before the switch.
    is_sound "$release" || fail 1 "the new release cannot be used; the old one stays in use."
    switch_to "$release"
    ;;
  "previous 1")
    [ -e "$opt/previous" ] || fail 2 "there is no previous release."
    switch_to "$(readlink "$opt/previous")"
    ;;
  "backup 1") back_up ;;
  "restore 2") restore "$2" ;;
  *) fail 2 "usage: host.sh install CHECKOUT, upgrade CHECKOUT, previous, backup or restore FILE." ;;
esac
