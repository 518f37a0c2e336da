import type { Statement } from "../../src/platform/database.ts";

export const hasTiers: Statement = {
  name: "legacy_has_tiers",
  text: "select to_regclass('merchant_tiers') is not null as there",
};

/** Every tier that there is, or that a merchant names, with how many merchants it has. */
export const tiersDefined: Statement = {
  name: "legacy_tiers_defined",
  text: `
    with members as (
      select legacy_tier.id, count(*) as merchants
      from merchant_limits as legacy,
        lateral (select to_jsonb(legacy) as j offset 0) as whole,
        lateral (select whole.j ->> 'tier_id' as id) as legacy_tier
      where whole.j ->> 'deleted_at' is null and legacy_tier.id is not null
      group by 1
    ),
    tiers as (
      select to_jsonb(merchant_tiers) as definition from merchant_tiers
    )
    select coalesce(definition ->> 'id', members.id) as tier_id, coalesce(merchants, 0) as merchants,
      definition::text as definition
    from tiers full join members on tiers.definition ->> 'id' = members.id
    where definition ->> 'deleted_at' is null
    order by 1`,
};

/** The same where the old database has no table of tiers. */
export const tiersNamed: Statement = {
  name: "legacy_tiers_named",
  text: `
    select legacy_tier.id as tier_id, count(*) as merchants, null as definition
    from merchant_limits as legacy,
      lateral (select to_jsonb(legacy) as j offset 0) as whole,
      lateral (select whole.j ->> 'tier_id' as id) as legacy_tier
    where whole.j ->> 'deleted_at' is null and legacy_tier.id is not null
    group by 1
    order by 1`,
};

/** Merchants with a tier or limits of their own: `custom_daily_limit` as `daily_limit`, and so on. */
export const declarePolicies: Statement = {
  name: "legacy_declare_policies",
  text: `
    declare legacy_policies no scroll cursor for
    select coalesce(legacy.merchant_id::text, '') as merchant_id, whole.j ->> 'tier_id' as tier_id, own.limits::text as limits
    from merchant_limits as legacy,
      lateral (select to_jsonb(legacy) as j offset 0) as whole,
      lateral (
        select coalesce(json_object_agg(substr(key, 8), value order by key), '{}'::json) as limits
        from jsonb_each(whole.j)
        where key ~ '^custom_.*_limit$' and jsonb_typeof(value) = 'number'
      ) as own
    where whole.j ->> 'deleted_at' is null
      and (whole.j ->> 'tier_id' is not null or own.limits::text <> '{}')
    order by coalesce(legacy.merchant_id::text, '') collate "C"`,
};

export const fetchPolicies: Statement = {
  name: "legacy_fetch_policies",
  text: "fetch forward 2000 from legacy_policies",
};

export const closePolicies: Statement = {
  name: "legacy_close_policies",
  text: "close legacy_policies",
};
