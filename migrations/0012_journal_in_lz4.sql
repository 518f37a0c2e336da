-- The rows of a batch are much alike, and lz4 takes them to a quarter: so much less is written, kept in pieces, read and
-- deleted again, which is more than the compression costs (ADR 0004). Where Postgres was built without lz4, as the embedded
-- one is, they stay as they are.

do $$
begin
  alter table journal alter column facts set compression lz4;
  alter table journal alter column quotas set compression lz4;
  alter table journal alter column orders set compression lz4;
  alter table journal alter column alerts set compression lz4;
  alter table journal alter column facts set storage extended;
  alter table journal alter column quotas set storage extended;
  alter table journal alter column orders set storage extended;
  alter table journal alter column alerts set storage extended;
exception when feature_not_supported then
  null;
end
$$;
