import { createContext } from "preact";
import { useContext } from "preact/hooks";

import { amountText, type Digits } from "./amount.ts";
import type { Api } from "./api.ts";
import type { Language } from "./language.ts";
import type { Session } from "./reply.ts";

/** Minor digits of a currency that the service did not name. */
const digitsDefault = 2;

/** Who is signed in, and what the token lets them do. */
export class Operator {
  readonly api: Api;
  readonly session: Session;
  readonly isAdmin: boolean;
  readonly #digits: Digits;

  constructor(api: Api, session: Session) {
    this.api = api;
    this.session = session;
    this.isAdmin = session.rights.includes("admin");
    this.#digits = new Map(session.currencies.map(({ currency, digits }) => [currency, digits]));
  }

  digitsOf(currency: string): number {
    return this.#digits.get(currency) ?? digitsDefault;
  }

  amount(minor: bigint, currency: string, language: Language): string {
    return amountText(minor, this.digitsOf(currency), language);
  }
}

export const OperatorContext = createContext<Operator | null>(null);

/** @throws Error outside of the pages of who is signed in */
export function useOperator(): Operator {
  const operator = useContext(OperatorContext);
  if (operator === null) throw new Error("nobody is signed in here");
  return operator;
}
