"""Does with boto3 what it is told, a JSON document a line: {"op": name, "args": [...]} in, {"result" | "error"} out."""

import json
import os
import sys

import boto3
from boto3.s3.transfer import TransferConfig
from botocore.config import Config

part_bytes = 5 * 1024 * 1024
expires_seconds = 600
transfer = TransferConfig(multipart_threshold=part_bytes, multipart_chunksize=part_bytes)
s3 = boto3.client(
    "s3",
    endpoint_url=os.environ["BRIDGE_ENDPOINT"],
    config=Config(signature_version=os.environ["BRIDGE_SIGNATURE_VERSION"] or None, s3={"addressing_style": "path"}),
)
sts = boto3.client("sts", endpoint_url=os.environ["BRIDGE_ENDPOINT"])


def version():
    return boto3.__version__


def put(bucket, key, path):
    s3.upload_file(path, bucket, key, Config=transfer)


def get(bucket, key, path):
    s3.download_file(bucket, key, path, Config=transfer)


def list_keys(bucket, prefix):
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
    return [entry["Key"] for page in pages for entry in page.get("Contents", [])]


def copy(bucket, source, target):
    s3.copy({"Bucket": bucket, "Key": source}, bucket, target, Config=transfer)


def delete_all(bucket, prefix):
    keys = list_keys(bucket, prefix)
    for start in range(0, len(keys), 1000):
        objects = [{"Key": key} for key in keys[start : start + 1000]]
        answer = s3.delete_objects(Bucket=bucket, Delete={"Objects": objects})
        if answer.get("Errors"):
            raise RuntimeError(f"not deleted: {answer['Errors'][0]}")


def presign(operation, bucket, key):
    return s3.generate_presigned_url(operation, {"Bucket": bucket, "Key": key}, ExpiresIn=expires_seconds)


def call(operation, parameters, client=s3):
    answer = getattr(client, operation)(**parameters)
    answer.pop("ResponseMetadata", None)
    if "Body" in answer:
        answer["Body"] = answer["Body"].read().decode("latin1")
    return json.loads(json.dumps(answer, default=lambda value: value.isoformat()))


operations = {
    "call": call,
    "callSts": lambda operation, parameters: call(operation, parameters, sts),
    "version": version,
    "put": put,
    "get": get,
    "list": list_keys,
    "copy": copy,
    "deleteAll": delete_all,
    "presign": presign,
}

for line in sys.stdin:
    asked = json.loads(line)
    try:
        answer = {"result": operations[asked["op"]](*asked["args"])}
    except Exception as error:  # Told to who asked; the bridge goes on.
        answer = {"error": f"{type(error).__name__}: {error}"}
    print(json.dumps(answer), flush=True)
