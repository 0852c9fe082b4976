/** Rights that S3 gives a name of their own where a version is meant. Source: Service Authorization Reference, S3. */
const ofVersions: Readonly<Record<string, string>> = {
  's3:GetObject': 's3:GetObjectVersion',
  's3:GetObjectAttributes': 's3:GetObjectVersionAttributes',
  's3:DeleteObject': 's3:DeleteObjectVersion',
  's3:GetObjectTagging': 's3:GetObjectVersionTagging',
  's3:PutObjectTagging': 's3:PutObjectVersionTagging',
  's3:DeleteObjectTagging': 's3:DeleteObjectVersionTagging',
  's3:GetObjectAcl': 's3:GetObjectVersionAcl',
  's3:PutObjectAcl': 's3:PutObjectVersionAcl',
}

/** The right that is needed, by whether a version is named. */
export const actionOn = (action: string, { versionId }: { versionId?: string }): string =>
  versionId === undefined ? action : (ofVersions[action] ?? action)
