export * as s3 from '@aws-sdk/client-s3'
export * as storage from '@aws-sdk/lib-storage'
export * as presigner from '@aws-sdk/s3-request-presigner'
