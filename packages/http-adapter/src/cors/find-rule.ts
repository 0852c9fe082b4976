import type { CorsRule } from '@aquifer/engine'

/** What a browser says before, or with, what a page of another origin does. */
export interface CorsQuestion {
  readonly origin: string
  readonly method: string
  /** Lower-case names that the page wants to send, of a preflight question. */
  readonly requestHeaders?: readonly string[]
}

/** What the rules say to that: the rule, and whichever of its origins fits. */
export interface CorsMatch<Rule extends CorsRule = CorsRule> {
  readonly rule: Rule
  readonly allowedOrigin: string
}

/**
 * The first rule whose origins, methods and headers all fit. Methods and origins are compared as they are written,
 * names of headers whatever their case. Source: S3 User Guide, "How Amazon S3 evaluates the CORS configuration".
 */
export function findCorsRule<Rule extends CorsRule>(
  rules: readonly Rule[],
  { origin, method, requestHeaders = [] }: CorsQuestion,
): CorsMatch<Rule> | undefined {
  for (const rule of rules) {
    const allowedOrigin = rule.allowedOrigins.find((pattern) => fits(pattern, origin))
    if (allowedOrigin === undefined) continue
    if (!(rule.allowedMethods as readonly string[]).includes(method)) continue
    const patterns = (rule.allowedHeaders ?? []).map((pattern) => pattern.toLowerCase())
    if (requestHeaders.every((name) => patterns.some((pattern) => fits(pattern, name))))
      return { rule, allowedOrigin }
  }
  return undefined
}

/** A pattern has at most one `*`, so that two comparisons tell. */
function fits(pattern: string, text: string): boolean {
  const star = pattern.indexOf('*')
  if (star === -1) return pattern === text
  const [before, after] = [pattern.slice(0, star), pattern.slice(star + 1)]
  return text.length >= before.length + after.length && text.startsWith(before) && text.endsWith(after)
}
