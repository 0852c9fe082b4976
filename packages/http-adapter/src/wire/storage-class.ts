import { S3Error } from '../s3-error.js'

/** Classes an object can be put in and read from at once; their price and place are not ours to tell apart. */
const online = new Set([
  'STANDARD',
  'REDUCED_REDUNDANCY',
  'STANDARD_IA',
  'ONEZONE_IA',
  'INTELLIGENT_TIERING',
  'GLACIER_IR',
  'EXPRESS_ONEZONE',
])
/** Classes from which an object must be restored before it can be read: not built. */
const archived = new Set(['GLACIER', 'DEEP_ARCHIVE'])

/** Whether a store somewhere may have a class of this name. */
export const isStorageClass = (name: string): boolean => online.has(name) || archived.has(name)

/** @throws {@link S3Error} `InvalidStorageClass`, `NotImplemented` */
export function readStorageClass(headers: ReadonlyMap<string, string>): string | undefined {
  const storageClass = headers.get('x-amz-storage-class')
  if (storageClass === undefined || online.has(storageClass)) return storageClass
  if (archived.has(storageClass))
    throw new S3Error('NotImplemented', `The storage class ${storageClass} is not implemented.`, {
      Header: 'x-amz-storage-class',
    })
  throw new S3Error('InvalidStorageClass', 'The storage class you specified is not valid', {
    StorageClassRequested: storageClass,
  })
}

/** As listings show it: what has none is STANDARD. */
export const storageClassText = (storageClass: string | undefined): string => storageClass ?? 'STANDARD'
