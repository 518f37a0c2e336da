import test from "ava";
import {
  calendarAt,
  calendarPeriod,
  periodAfterReset,
  zonedText,
  zoneOf,
} from "../../../src/domain/period.ts";
import { instant } from "../../../src/domain/instant.ts";
import { at, zone } from "../../support/quota-builders.ts";

const hour = 3_600_000;

/** Days that are odd: the date, the first instant that bears it, and how long it lasts. */
const days = [
  { what: "an ordinary day", in: "UTC", day: "2026-11-22", from: "2026-11-22T00:00Z", hours: 24 },
  {
    what: "summer time begins at midnight",
    in: "Asia/Beirut",
    day: "2024-03-31",
    from: "2024-03-31T01:00+03:00",
    hours: 23,
  },
  {
    what: "summer time begins at midnight",
    in: "Africa/Cairo",
    day: "2024-04-26",
    from: "2024-04-26T01:00+03:00",
    hours: 23,
  },
  {
    what: "summer time ends at midnight",
    in: "Africa/Cairo",
    day: "2024-10-31",
    from: "2024-10-31T00:00+03:00",
    hours: 25,
  },
  {
    what: "summer time begins at midnight",
    in: "America/Havana",
    day: "2024-03-10",
    from: "2024-03-10T01:00-04:00",
    hours: 23,
  },
  {
    what: "the first hour comes twice",
    in: "America/Havana",
    day: "2024-11-03",
    from: "2024-11-03T00:00-04:00",
    hours: 25,
  },
  {
    what: "summer time begins at night",
    in: "Europe/Berlin",
    day: "2026-03-29",
    from: "2026-03-29T00:00+01:00",
    hours: 23,
  },
  {
    what: "summer time ends at night",
    in: "Europe/Berlin",
    day: "2026-10-25",
    from: "2026-10-25T00:00+02:00",
    hours: 25,
  },
  {
    what: "summer time is half an hour, beginning",
    in: "Australia/Lord_Howe",
    day: "2026-10-04",
    from: "2026-10-04T00:00+10:30",
    hours: 23.5,
  },
  {
    what: "summer time is half an hour, ending",
    in: "Australia/Lord_Howe",
    day: "2026-04-05",
    from: "2026-04-05T00:00+11:00",
    hours: 24.5,
  },
  {
    what: "the zone is a quarter off",
    in: "Asia/Kathmandu",
    day: "2026-11-22",
    from: "2026-11-22T00:00+05:45",
    hours: 24,
  },
  {
    what: "the day after is skipped",
    in: "Pacific/Apia",
    day: "2011-12-29",
    from: "2011-12-29T00:00-10:00",
    hours: 24,
  },
  {
    what: "the day before was skipped",
    in: "Pacific/Apia",
    day: "2011-12-31",
    from: "2011-12-31T00:00+14:00",
    hours: 24,
  },
  {
    what: "a leap day",
    in: "Asia/Tokyo",
    day: "2024-02-29",
    from: "2024-02-29T00:00+09:00",
    hours: 24,
  },
];

for (const { what, in: in_, day, from, hours } of days) {
  test(`${day} in ${in_}, when ${what}, begins and ends to the millisecond`, (t) => {
    const startsAt = at(from);
    const endsAt = instant(startsAt + hours * hour);
    const dayAt = (ms: number) => calendarAt(instant(ms), zone(in_)).daily;

    t.like(dayAt(startsAt), { period: day, startsAt, endsAt });
    t.like(dayAt(endsAt - 1), { period: day, startsAt, endsAt });
    t.true(dayAt(startsAt - 1).period < day);
    t.is(dayAt(startsAt - 1).endsAt, startsAt);
    t.true(dayAt(endsAt).period > day);
    t.is(dayAt(endsAt).startsAt, endsAt);
  });
}

test("an evening that comes again after midnight is part of the new day, asked cold or warm", (t) => {
  const stJohns = zone("America/St_Johns");
  const again = at("2010-11-06T23:30:00-03:30");
  const today = { period: "2010-11-07", startsAt: at("2010-11-07T00:00:00-02:30") };

  calendarAt(at("2026-11-22T12:00:00Z"), stJohns);
  t.like(calendarAt(again, stJohns).daily, today);
  calendarAt(at("2010-11-07T00:00:30-02:30"), stJohns);
  t.like(calendarAt(again, stJohns).daily, today);
});

test("Samoa has no 30 December 2011: the 29th is followed by the 31st", (t) => {
  const turns = at("2011-12-30T10:00:00Z");

  t.is<string, string>(
    calendarAt(instant(turns - 1), zone("Pacific/Apia")).daily.period,
    "2011-12-29",
  );
  t.is<string, string>(calendarAt(turns, zone("Pacific/Apia")).daily.period, "2011-12-31");
});

test("February has 29 days in 2024 and 28 in 2026", (t) => {
  const month = (text: string) => calendarAt(at(text), zone("UTC")).monthly;

  t.like(month("2024-02-10T00:00:00Z"), { period: "2024-02", endsAt: at("2024-03-01T00:00:00Z") });
  t.like(month("2026-02-28T23:59:59Z"), { period: "2026-02", endsAt: at("2026-03-01T00:00:00Z") });
  t.is(month("2024-02-29T12:00:00Z").startsAt, at("2024-02-01T00:00:00Z"));
});

test("the year turns in the merchant's zone, with its month and its day", (t) => {
  const newYear = at("2027-01-01T00:00:00+14:00");
  const kiritimati = zone("Pacific/Kiritimati");

  t.like(calendarAt(instant(newYear - 1), kiritimati), {
    daily: { period: "2026-12-31", endsAt: newYear },
    monthly: { period: "2026-12", endsAt: newYear },
    yearly: { period: "2026", endsAt: newYear, endsAtText: "2027-01-01T00:00:00+14:00" },
  });
  t.like(calendarAt(newYear, kiritimati), {
    daily: { period: "2027-01-01", startsAt: newYear },
    monthly: { period: "2027-01", startsAt: newYear },
    yearly: { period: "2027", startsAt: newYear },
  });
});

test("the end of a period is told with the zone's offset of that moment", (t) => {
  const march = calendarAt(at("2026-03-28T12:00:00Z"), zone("Europe/Berlin"));

  t.is(march.daily.endsAtText, "2026-03-29T00:00:00+01:00");
  t.is(march.monthly.endsAtText, "2026-04-01T00:00:00+02:00");
  t.is(
    zonedText(at("2026-11-22T12:00:00.5Z"), zone("Asia/Kathmandu")),
    "2026-11-22T17:45:00.5+05:45",
  );
});

test("going back and forth in time and between zones gives the same calendars", (t) => {
  const asked = ["2026-11-22T23:59:59Z", "2026-11-23T00:00:00Z", "2026-11-22T00:00:00Z"].map(at);
  const [berlin, utc] = [zone("Europe/Berlin"), zone("UTC")];
  const first = asked.map((now) => [calendarAt(now, utc), calendarAt(now, berlin)]);

  const again = asked.map((now) => [calendarAt(now, utc), calendarAt(now, berlin)]);

  t.deepEqual(again, first);
});

test("a reset marks the period, each time anew, and the mark is not part of the calendar", (t) => {
  const { daily, yearly } = calendarAt(at("2026-11-22T12:00:00Z"), zone("UTC"));
  const twice = periodAfterReset(periodAfterReset(daily.period));

  t.is<string, string>(twice, "2026-11-22+2");
  t.is(calendarPeriod(twice), "2026-11-22");
  t.is<string, string>(periodAfterReset(yearly.period), "2026+1");
  t.is(calendarPeriod(yearly.period), "2026");
});

test("IANA names are zones, whatever their case; offsets, nonsense and paths are not", (t) => {
  for (const name of ["UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires", "Etc/GMT+5"]) {
    t.is<string | undefined, string>(zoneOf(name), name);
  }
  t.is<string | undefined, string>(zoneOf("europe/berlin"), "Europe/Berlin");
  for (const name of ["", "+05:30", "Mars/Olympus", "../etc/passwd", "UTC ", "Europe/Berlin[x]"]) {
    t.is(zoneOf(name), undefined);
  }
});
