/** What a key–value store should hold, as a Map: keys as strings of one character a byte. */
export class KvModel {
  readonly rows = new Map<string, { value: string; payload: string; revision: number }>()

  range(from: string, to: string, reverse = false): string[] {
    const keys = [...this.rows.keys()].filter((key) => key >= from && key < to).sort()
    return reverse ? keys.reverse() : keys
  }
}
