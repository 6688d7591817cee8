"""Iceberg tables made by PyIceberg, and what it does not write: positional and equality deletes, by hand."""

import json
import pathlib
import uuid

import pyarrow
import pyarrow.parquet
from pyiceberg.catalog.sql import SqlCatalog
from pyiceberg.io.pyarrow import PyArrowFileIO
from pyiceberg.manifest import (DataFile, DataFileContent, FileFormat, ManifestContent, ManifestEntry,
                                ManifestEntryStatus, ManifestWriterV2, write_manifest_list)
from pyiceberg.typedef import Record

FIELD_ID = b"PARQUET:field_id"


def catalog(folder):
    folder.mkdir(parents=True, exist_ok=True)
    made = SqlCatalog("test", uri=f"sqlite:///{folder}/catalog.db", warehouse=f"file://{folder}")
    made.create_namespace_if_not_exists("n")
    return made


def metadata_path(table):
    return pathlib.Path(table.metadata_location.removeprefix("file://"))


def data_files(table):
    return sorted(task.file.file_path for task in table.scan().plan_files())


class DeleteManifest(ManifestWriterV2):
    def content(self):
        return ManifestContent.DELETES

    @property
    def _meta(self):
        return {**super()._meta, "content": "deletes"}


def _commit(table, path, rows, content, equality_ids=None):
    """A snapshot more with one file of deletes; gives the path of its metadata. The catalogue does not know it."""
    io, location = PyArrowFileIO(), pathlib.Path(table.location().removeprefix("file://"))
    last = json.loads(metadata_path(table).read_text())
    parent = table.current_snapshot()
    snapshot_id, sequence = uuid.uuid4().int >> 65, last["last-sequence-number"] + 1
    manifest = location / "metadata" / f"deletes-{snapshot_id}.avro"
    with DeleteManifest(table.spec(), table.schema(), io.new_output(f"file://{manifest}"), snapshot_id, "deflate") as writer:
        writer.add_entry(ManifestEntry.from_args(status=ManifestEntryStatus.ADDED, snapshot_id=snapshot_id, data_file=DataFile.from_args(
            content=content, file_path=f"file://{path}", file_format=FileFormat.PARQUET, partition=Record(),
            record_count=rows, file_size_in_bytes=path.stat().st_size, column_sizes={}, value_counts={},
            null_value_counts={}, nan_value_counts={}, lower_bounds={}, upper_bounds={}, split_offsets=[4],
            equality_ids=equality_ids, sort_order_id=None, spec_id=0)))
    manifests = location / "metadata" / f"snap-{snapshot_id}.avro"
    with write_manifest_list(2, io.new_output(f"file://{manifests}"), snapshot_id, parent.snapshot_id, sequence, "deflate") as lists:
        lists.add_manifests([*parent.manifests(io), writer.to_manifest_file()])
    last["snapshots"].append({
        "snapshot-id": snapshot_id, "parent-snapshot-id": parent.snapshot_id, "sequence-number": sequence,
        "timestamp-ms": last["last-updated-ms"] + 1000, "manifest-list": f"file://{manifests}",
        "summary": {"operation": "delete"}, "schema-id": last["current-schema-id"]})
    last["last-updated-ms"] += 1000
    last["last-sequence-number"] = sequence
    last["current-snapshot-id"] = snapshot_id
    last["refs"] = {"main": {"snapshot-id": snapshot_id, "type": "branch"}}
    last["snapshot-log"].append({"snapshot-id": snapshot_id, "timestamp-ms": last["last-updated-ms"]})
    target = location / "metadata" / f"99999-{uuid.uuid4()}.metadata.json"
    target.write_text(json.dumps(last))
    return target


def delete_positions(table, rows_of):
    """rows_of: {path of a data file: numbers of its rows}."""
    pairs = sorted((path, row) for path, rows in rows_of.items() for row in rows)
    schema = pyarrow.schema([
        pyarrow.field("file_path", pyarrow.string(), False, {FIELD_ID: b"2147483546"}),
        pyarrow.field("pos", pyarrow.int64(), False, {FIELD_ID: b"2147483545"})])
    path = pathlib.Path(table.location().removeprefix("file://")) / "data" / f"pos-{uuid.uuid4()}.parquet"
    pyarrow.parquet.write_table(pyarrow.table([[pair[0] for pair in pairs], [pair[1] for pair in pairs]], schema=schema), path)
    return _commit(table, path, len(pairs), DataFileContent.POSITION_DELETES)


def delete_equal(table, column, values):
    field = table.schema().find_field(column)
    schema = pyarrow.schema([pyarrow.field(column, pyarrow.int64(), True, {FIELD_ID: str(field.field_id).encode()})])
    path = pathlib.Path(table.location().removeprefix("file://")) / "data" / f"eq-{uuid.uuid4()}.parquet"
    pyarrow.parquet.write_table(pyarrow.table([values], schema=schema), path)
    return _commit(table, path, len(values), DataFileContent.EQUALITY_DELETES, [field.field_id])
