/** The code of what LevelDB threw: its own reason where abstract-level wrapped it. */
export function levelErrorCode(error: unknown): string | undefined {
  const { code, cause } = error as { code?: string; cause?: { code?: string } }
  return cause?.code ?? code
}
