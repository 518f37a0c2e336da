import { InvalidArgumentError } from "commander";

/** SHARD_COUNT is no larger. */
export const shardsMax = 4_096;

/** Reads a whole number of a command line. @returns a parser that names the bounds when they are passed */
export function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const count = Number(text);
    if (/^[0-9]{1,9}$/.test(text) && count >= min && count <= max) return count;
    throw new InvalidArgumentError(`Give a whole number, ${min} to ${max}.`);
  };
}

/** Reads a shard's number; whether there is such a shard the database says. */
export const shardNumber = wholeNumber(0, shardsMax - 1);
