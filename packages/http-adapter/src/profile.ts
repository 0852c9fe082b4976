/** `aistor`: the AIStor page. `aws`: all of S3. `express`: AIStor's S3 Express mode. */
export type Profile = 'aistor' | 'aws' | 'express'
