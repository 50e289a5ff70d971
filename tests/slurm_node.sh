#!/usr/bin/env bash
# A SLURM of one machine for a test, on loopback, as root, without systemd and cgroups:
# slurm_node.sh start|stop FOLDER. Two daemons stand for two nodes.
set -euo pipefail
folder=$2 conf=/etc/slurm/slurm.conf

stop() {
  scancel --user=root 2>/dev/null || true
  for daemon in slurmd-one slurmd-two slurmctld munged; do
    if [ -s "$folder/$daemon.pid" ]; then kill "$(cat "$folder/$daemon.pid")" 2>/dev/null || true; fi
  done
  for _ in $(seq 40); do [ -e "$folder/slurmctld.pid" ] || break; sleep 0.25; done
  rm -rf "$folder" "$conf"
}

start() {
  [ ! -e "$conf" ] || { echo "$conf is there already" >&2; return 1; }
  mkdir -p "$folder"/{state,spool-one,spool-two,log,munge} "${conf%/*}"
  memory=$(awk '/MemTotal/ {print int($2 / 1024 * 0.4)}' /proc/meminfo)
  cat > "$conf" <<CONF
ClusterName=test
SlurmctldHost=localhost(127.0.0.1)
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=$folder/munge/socket
SlurmctldPort=16817
SlurmctldPidFile=$folder/slurmctld.pid
SlurmdPidFile=$folder/slurmd-%n.pid
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/spool-%n
SlurmctldLogFile=$folder/log/slurmctld.log
SlurmdLogFile=$folder/log/slurmd-%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
ReturnToService=2
MinJobAge=300
KillWait=5
NodeName=one NodeHostname=localhost NodeAddr=127.0.0.1 Port=16818 CPUs=1 RealMemory=$memory State=UNKNOWN
NodeName=two NodeHostname=localhost NodeAddr=127.0.0.1 Port=16819 CPUs=1 RealMemory=$memory State=UNKNOWN
PartitionName=main Nodes=one,two Default=YES MaxTime=60 State=UP
CONF
  dd if=/dev/urandom of="$folder/munge.key" bs=128 count=1 status=none
  chmod 400 "$folder/munge.key"
  chmod 755 "$folder" "$folder/munge"
  munged --force --key-file="$folder/munge.key" --socket="$folder/munge/socket" \
    --pid-file="$folder/munged.pid" --log-file="$folder/log/munged.log" \
    --seed-file="$folder/munge.seed" --num-threads=2
  slurmctld
  slurmd -N one
  slurmd -N two
  for _ in $(seq 80); do
    [ "$(sinfo -h -o %T 2>/dev/null | sort -u)" = idle ] && return
    sleep 0.25
  done
  tail -n 20 "$folder"/log/*.log >&2
  return 1
}

"$1"
