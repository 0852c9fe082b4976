import type { EventOrigin } from '../contract/events.js'

/** Of what lifecycle does by itself. Source: AIStor's records of such events. */
export const LIFECYCLE_ORIGIN: EventOrigin = { userAgent: 'Internal: [ILM-Expiry]' }
