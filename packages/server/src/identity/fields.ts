import type { Listing } from '@aquifer/engine'
import { z } from 'zod'

export const name = z.string().min(1).max(256)
const document = z.string().max(64 * 1024)

/** What a key is made by. The engine says what each may be. */
export const keyOptions = {
  accessKeyId: z.string().max(256).optional(),
  secretAccessKey: z.string().max(256).optional(),
  policy: document.optional(),
  expiresAt: z.iso.datetime({ offset: true }).optional(),
  description: z.string().max(1_024).optional(),
}

export const policyDocument = document

export const pageOptions = {
  prefix: name.optional(),
  startAfter: name.optional(),
  limit: z.int().min(1).max(1_000).optional(),
}

type KeyOptions = z.output<z.ZodObject<typeof keyOptions>>

export const toKeyOptions = ({ expiresAt, ...options }: KeyOptions) => ({
  ...withoutUndefined(options),
  ...(expiresAt === undefined ? {} : { expiresAt: new Date(expiresAt) }),
})

/** Options that are left out are not there, rather than undefined. */
export function withoutUndefined<T extends object>(options: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as never
}

/** A page as it goes out: `next`, where there is more, is what `startAfter` is to be then. */
export async function pageOf<T, K extends string>(
  listing: Listing<T, K>,
): Promise<{ entries: T[]; next?: string }> {
  const { entries, next } = await listing.page()
  return {
    entries: entries.flatMap((entry) => ('info' in entry ? [entry.info] : [])),
    ...(next === undefined ? {} : { next: next.startAfter }),
  }
}
