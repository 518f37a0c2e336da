/** One operation of a load. */
export interface Ask {
  readonly op: "check" | "consume" | "release";
  readonly merchantId: string;
  readonly orderNo: string;
  /** Minor units, 1 … 100. */
  readonly amount: number;
}

export const askAmountMax = 100;
