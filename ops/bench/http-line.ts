import { connect, type Socket } from "node:net";

const headEnd = "\r\n\r\n";

/**
 * One connection that stays open and asks one thing at a time. It reads of an answer what a measure needs, and no more:
 * a client library costs the machine more than the service does, and a load that is not sent overloads nobody.
 */
export class HttpLine {
  readonly #socket: Socket;
  readonly #onEnd: () => void;
  #answered: ((status: number | null) => void) | null = null;
  #text = "";
  #sentMs = 0;

  /** @param onEnd told once, when the connection is no more */
  constructor(port: number, onEnd: () => void) {
    this.#onEnd = onEnd;
    this.#socket = connect({ port, host: "127.0.0.1", noDelay: true });
    this.#socket.setEncoding("latin1");
    this.#socket.on("data", (text: string) => {
      this.#read(text);
    });
    this.#socket.on("error", () => undefined);
    this.#socket.on("close", () => {
      this.#end(null);
      this.#onEnd();
    });
  }

  /** When its question left; of the one that is on its way. */
  get sentMs(): number {
    return this.#sentMs;
  }

  get isBusy(): boolean {
    return this.#answered !== null;
  }

  /** @param answered told once; null = the connection was lost before */
  ask(text: string, nowMs: number, answered: (status: number | null) => void): void {
    this.#answered = answered;
    this.#sentMs = nowMs;
    this.#socket.write(text, "latin1");
  }

  close(): void {
    this.#socket.destroy();
  }

  #read(text: string): void {
    this.#text = this.#text === "" ? text : this.#text + text;
    const headLength = this.#text.indexOf(headEnd);
    if (headLength < 0) return;
    const bodyLength = /\r\ncontent-length: (\d+)/i.exec(this.#text)?.[1];
    if (bodyLength === undefined) throw new Error(`an answer without a length:\n${this.#text}`);
    if (this.#text.length < headLength + headEnd.length + Number(bodyLength)) return;
    const status = Number(this.#text.slice(9, 12));
    this.#text = "";
    this.#end(status);
  }

  #end(status: number | null): void {
    const answered = this.#answered;
    this.#answered = null;
    answered?.(status);
  }
}

/** A question as it goes over the line. */
export function questionText(path: string, token: string, body: string): string {
  return (
    `POST ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer ${token}\r\n` +
    `content-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`
  );
}

/** The cheapest question there is. */
export const liveText = "GET /health/live HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n";
