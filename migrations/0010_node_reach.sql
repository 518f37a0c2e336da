-- Whether NATS reaches a node, as it says itself at each renewal: others take over from one that is cut off (ADR 0022).

alter table leases add column reachable boolean;
alter table leases add column reach_since timestamptz;
comment on column leases.reachable is 'Whether NATS answers the node; null = it has no NATS.';
comment on column leases.reach_since is 'Since when it is so, by the clock of this database.';
