/** The names under which a history keeps what it knows. */
export const bucketName = (bucket: string): string => `bucket ${bucket}`
export const objectName = (bucket: string, key: string): string => `object ${bucket}/${key}`
/** What a look at all objects whose keys begin so is called. */
export const objectsNamed = (bucket: string, prefix: string): string => `object ${bucket}/${prefix}*`
export const uploadName = (bucket: string, key: string, uploadId: string): string =>
  `upload ${bucket}/${key} ${uploadId}`
/** An upload that was asked for and whose id nobody has been told. */
/** An upload whose name is not told yet, and never may be; `attempt` tells those of one key apart. */
export const namelessUpload = (bucket: string, key: string, attempt: string): string =>
  `${namelessUploadsOf(bucket, key)}${attempt}`
export const namelessUploadsOf = (bucket: string, key: string): string => `upload ${bucket}/${key} ?`
export const isNameless = (name: string): boolean => /^upload .* \?[^ ]*$/s.test(name)
export const partName = (bucket: string, key: string, uploadId: string, partNumber: number): string =>
  `part ${bucket}/${key} ${uploadId} ${partNumber}`
/** What every part of an upload is called, up to its number. */
export const partsNamed = (bucket: string, key: string, uploadId: string): string =>
  `part ${bucket}/${key} ${uploadId} `

/** One of an object's versions. The null version is called so whenever there is one. */
export const versionName = (bucket: string, key: string, versionId: string): string =>
  `version ${bucket}/${key} ${versionId}`

/** What a delete marker holds, as a version. */
export const MARKER = 'delete marker'

const slashIn = (name: string): number => name.indexOf('/')
/** The bucket of an object, a version, an upload or a part. */
export const bucketIn = (name: string): string => name.slice(name.indexOf(' ') + 1, slashIn(name))
/** The key of an object. */
export const keyIn = (name: string): string => name.slice(slashIn(name) + 1)
