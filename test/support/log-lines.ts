/** A log that keeps its lines: each level with its text, and its fields beside. */
export class LogLines {
  readonly lines: { readonly level: string; readonly fields: object; readonly text: string }[] = [];

  debug(fields: object, text: string): void {
    this.lines.push({ level: "debug", fields, text });
  }

  info(fields: object, text: string): void {
    this.lines.push({ level: "info", fields, text });
  }

  warn(fields: object, text: string): void {
    this.lines.push({ level: "warn", fields, text });
  }

  /** Level and text of all lines since the last look. */
  taken(): readonly string[] {
    return this.lines.splice(0).map(({ level, text }) => `${level}: ${text}`);
  }
}
