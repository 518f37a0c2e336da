#!/usr/bin/env bash
# The whole cluster on one Linux machine, from local programs and without Docker: Postgres, NATS, Redis, three shard nodes and
# an edge, all on 127.0.0.1 and on free ports.
#
#   ops/dev/cluster.sh up [folder]      starts what does not run and waits until it serves; by default in a new folder
#   ops/dev/cluster.sh status <folder>  what runs; exit code 1 if something does not
#   ops/dev/cluster.sh down <folder>    ends what was started there, by process id; files stay, another `up` goes on
#
# The folder holds everything: data, logs (<name>.log), process ids (<name>.pid), and cluster.env with addresses and
# secrets, which quotactl and the load test take too; other ports written there hold from the next `up` on. PORT=40022
# puts the edge of a new cluster there, JWT_SECRET is its secret; other settings of the service, such as LEASE_MS, go
# through to its processes.
# For trying out: whoever is on this machine can use its NATS and Redis.
set -euo pipefail

project=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
shards=(shard-1 shard-2 shard-3)
everything=(postgres nats redis "${shards[@]}" edge)
serving_max_s=60
ending_max_s=40
# Debian keeps servers where not everybody looks.
PATH=$PATH:/usr/local/sbin:/usr/sbin

main() {
  case "${1:-}" in
    up) up "${2:-$(mktemp -d "${TMPDIR:-/tmp}/quota-cluster-XXXXXX")}" ;;
    status | down)
      folder=$(existing "${2:-}")
      "$1"
      ;;
    *)
      sed -n '2,/^set /s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2
      return 2
      ;;
  esac
}

existing() {
  [ -f "$1/cluster.env" ] || fail "there is no ${1:-<folder>}/cluster.env: name the folder that \`up\` printed"
  (cd "$1" && pwd)
}

fail() {
  echo "cluster.sh: $1" >&2
  exit 1
}

up() {
  local name started=()
  mkdir -p "$1"
  folder=$(cd "$1" && pwd)
  trap '[ "$?" -eq 0 ] || echo "to stop what was started: ops/dev/cluster.sh down $folder" >&2' EXIT
  find_programs
  [ -f "$folder/cluster.env" ] || make_settings
  load_settings
  start_postgres
  start nats nats-server -c "$project/ops/nats/subject-mapping.conf" --addr 127.0.0.1 --port "$NATS_PORT" \
    --jetstream --store_dir "$folder/nats"
  start redis redis-server --bind 127.0.0.1 --port "$REDIS_PORT" --dir "$folder" --save "" --appendonly no
  for name in "${shards[@]}"; do start_node "$name" shard; done
  start_node edge edge
  for name in "${started[@]}"; do until_served "$name"; done
  tell
}

find_programs() {
  local folder_of_postgres program missing=()
  folder_of_postgres=$(compgen -G '/usr/lib/postgresql/*/bin' | sort -t / -k 5 -n | tail -n 1) || true
  PATH=$PATH:$folder_of_postgres
  for program in postgres initdb nats-server redis-server node; do
    command -v "$program" >/dev/null || missing+=("$program")
  done
  [ "${#missing[@]}" -eq 0 ] ||
    fail "not on this machine: ${missing[*]} (Debian: apt-get install --no-install-recommends postgresql nats-server redis-server)"
  [ -f "$project/dist/src/main.js" ] || fail "the service is not built: npm run build"
}

# Free ports and new secrets, kept for the next `up`.
make_settings() {
  local ports
  read -ra ports < <(node --eval '
    const { createServer } = require("node:net");
    const servers = Array.from({ length: 7 }, () => createServer().listen(0, "127.0.0.1"));
    setTimeout(() => {
      console.log(servers.map((server) => server.address().port).join(" "));
      for (const server of servers) server.close();
    }, 50);')
  (
    umask 077
    cat >"$folder/cluster.env" <<END
DB_HOST=127.0.0.1
DB_PORT=${ports[0]}
DB_NAME=postgres
DB_USER=quota
DB_PASSWORD=$(secret)
NATS_PORT=${ports[1]}
NATS_URL=nats://127.0.0.1:${ports[1]}
REDIS_HOST=127.0.0.1
REDIS_PORT=${ports[2]}
EDGE_PORT=${PORT:-${ports[3]}}
SHARD_1_PORT=${ports[4]}
SHARD_2_PORT=${ports[5]}
SHARD_3_PORT=${ports[6]}
JWT_SECRET=${JWT_SECRET:-$(secret)}
END
  )
}

secret() {
  node --print 'require("node:crypto").randomBytes(24).toString("hex")'
}

load_settings() {
  set -a
  # shellcheck disable=SC1091
  . "$folder/cluster.env"
  set +a
}

port_of() {
  local variable=${1//-/_}_PORT
  variable=${variable^^}
  echo "${!variable}"
}

# Postgres refuses to be root: it becomes a user who can reach its program and its folder.
start_postgres() {
  local as=() user data=$folder/postgres password=$folder/password
  if [ "$(id -u)" -eq 0 ]; then
    for user in postgres nobody; do
      id -u "$user" >/dev/null 2>&1 || continue
      as=(setpriv "--reuid=$(id -u "$user")" "--regid=$(id -g "$user")" --clear-groups)
      (cd / && "${as[@]}" postgres --version) >/dev/null 2>&1 && break
    done
    chmod 711 "$folder"
    mkdir -p "$data"
    chown "$user" "$data"
    "${as[@]}" test -w "$data" || fail "$user, as whom Postgres runs, cannot reach $data: name another folder"
  fi
  if [ ! -f "$data/PG_VERSION" ]; then
    (umask 077 && echo "$DB_PASSWORD" >"$password")
    [ "${#as[@]}" -eq 0 ] || chown "$user" "$password"
    "${as[@]}" initdb --username="$DB_USER" --pwfile="$password" --auth=scram-sha-256 \
      --encoding=UTF8 --locale=C -D "$data" >"$folder/initdb.log" 2>&1 || fail "initdb failed: see $folder/initdb.log"
    rm "$password"
  fi
  start postgres "${as[@]}" postgres -D "$data" -p "$DB_PORT" -c listen_addresses=127.0.0.1 \
    -c unix_socket_directories= -c max_connections=200
}

# A node that runs already is not waited for: one that was drained is not ready.
start_node() {
  runs "$1" && return
  PORT=$(port_of "$1") ROLES=$2 NODE_NAME=$1 start "$1" node --enable-source-maps --max-semi-space-size=32 "$project/dist/src/main.js"
  started+=("$1")
}

# Starts a process of its own group, if it does not run. The time of its start tells it from a later one with its id.
start() {
  local name=$1
  shift
  runs "$name" && return
  (cd "$folder" && exec setsid "$@" >>"$name.log" 2>&1 </dev/null) &
  echo "$! $(started_at "$!")" >"$folder/$name.pid"
}

runs() {
  local pid started
  [ -f "$folder/$1.pid" ] || return 1
  read -r pid started <"$folder/$1.pid"
  [ -n "$started" ] && [ "$(started_at "$pid")" = "$started" ]
}

# In ticks since the boot, which do not change as the times of `ps` do; of a process that only waits to be buried, nothing.
started_at() {
  local stat fields
  stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 0
  # The name of the program stands in parentheses, and may hold anything.
  read -ra fields <<<"${stat##*) }"
  [ "${fields[0]}" = Z ] || echo "${fields[19]}"
}

# Waits until a process answers that it can commit, looking now and then whether it still runs.
until_served() {
  local ready began=$SECONDS
  ready="http://127.0.0.1:$(port_of "$1")/health/ready"
  until is_ready "$ready"; do
    runs "$1" || fail "$1 has ended: see $folder/$1.log"
    [ $((SECONDS - began)) -lt "$serving_max_s" ] || fail "$1 does not serve after $serving_max_s s: see $folder/$1.log"
  done
}

# Asks for two seconds.
is_ready() {
  node --eval '
    const ask = async (triesLeft) => {
      const reply = await fetch(process.argv[1]).catch(() => null);
      if (reply?.ok) return;
      if (triesLeft === 0) process.exit(1);
      setTimeout(ask, 100, triesLeft - 1);
    };
    ask(20);' "$1"
}

tell() {
  local token
  token=$(cd "$folder" && node "$project/dist/ops/quotactl.js" token --user-type service)
  cat <<END
The cluster serves at http://127.0.0.1:$EDGE_PORT, from $folder.

export TOKEN=$token
curl -s http://127.0.0.1:$EDGE_PORT/api/v1/quotas/consume -H "authorization: Bearer \$TOKEN" \\
  -H 'content-type: application/json' -d '{"merchant_id":"M-1","currency":"USD","order_no":"ORDER-001","amount":50000}'

To operate it:   set -a; . $folder/cluster.env; set +a; npx quotactl shards watch
To load it:      npm run load -- --url http://127.0.0.1:$EDGE_PORT
To lose a node:  kill -9 \$(cut -d' ' -f1 $folder/shard-1.pid), and \`up $folder\` to have it back
To stop it:      ops/dev/cluster.sh down $folder
END
}

status() {
  local name dead=0
  for name in "${everything[@]}"; do
    if runs "$name"; then
      echo "$name runs, process $(cut -d ' ' -f 1 "$folder/$name.pid")"
    else
      echo "$name does not run"
      dead=1
    fi
  done
  return "$dead"
}

# The edge first, so that nobody asks any more; the shard nodes drain; then what they need.
down() {
  local i
  for ((i = ${#everything[@]} - 1; i >= 0; i--)); do end "${everything[i]}"; done
  echo "stopped; everything that it wrote is in $folder"
}

end() {
  local pid began=$SECONDS signal=TERM
  if runs "$1"; then
    pid=$(cut -d ' ' -f 1 "$folder/$1.pid")
    # To Postgres TERM is a wait for its clients, and INT a shutdown.
    [ "$1" = postgres ] && signal=INT
    kill -s "$signal" "$pid"
    while runs "$1"; do
      if [ $((SECONDS - began)) -ge "$ending_max_s" ]; then kill -s KILL "$pid"; fi
      sleep 0.1
    done
  fi
  rm -f "$folder/$1.pid"
}

main "$@"
