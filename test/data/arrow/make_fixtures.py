"""Makes the Arrow files beside it, by pyarrow 26: python3 make_fixtures.py. Read by arrow-reader.test.ts."""

import datetime as dt
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
from pyarrow import feather, ipc

HERE = Path(__file__).parent

types = pa.table(
    {
        "int8": pa.array([1, None, -3], pa.int8()),
        "int64": pa.array([1, None, 9007199254740993], pa.int64()),
        "uint64": pa.array([1, None, 2**63], pa.uint64()),
        "float16": pa.array([1.5, None, 2.5], pa.float16()),
        "float32": pa.array([0.5, None, float("nan")], pa.float32()),
        "float64": pa.array([0.1, None, -0.0]),
        "decimal": pa.array([Decimal("-1.25"), None, Decimal("12345678901234567.89")], pa.decimal128(25, 2)),
        "decimal256": pa.array([Decimal("-0.05"), None, Decimal("1")], pa.decimal256(40, 4)),
        "bool": pa.array([True, None, False]),
        "string": pa.array(["é", None, ""]),
        "large_string": pa.array(["x", None, "y"], pa.large_string()),
        "string_view": pa.array(["a view that is a long one", None, "v"], pa.string_view()),
        "category": pa.array(["a", None, "b"]).dictionary_encode(),
        "date32": pa.array([dt.date(2013, 1, 1), None, dt.date(1969, 12, 31)]),
        "date64": pa.array([dt.date(2013, 1, 1), None, dt.date(1969, 12, 31)], pa.date64()),
        "seconds": pa.array([1367758800, None, -1], pa.timestamp("s")),
        "microseconds": pa.array([1367758800123456, None, -500], pa.timestamp("us", "UTC")),
        "nanoseconds": pa.array([1367758800123456789, None, -1], pa.timestamp("ns", "America/New_York")),
        "nothing": pa.nulls(3),
        "list": pa.array([[1], None, [2]]),
        "binary": pa.array([b"x", None, b"y"]),
    }
)
for compression in ("uncompressed", "lz4", "zstd"):
    feather.write_feather(types, HERE / f"types-{compression}.feather", compression=compression)
with ipc.new_stream(HERE / "types.arrows", types.schema) as stream:
    stream.write_table(types)
    stream.write_table(types)

# Buffers of several LZ4 blocks, whose matches reach into the block before; several record batches.
rows = range(20_000)
many = pa.table({"tailnum": [f"N{row % 100}" for row in rows], "year": [1990 + row % 30 for row in rows]})
feather.write_feather(many, HERE / "many-lz4.feather", compression="lz4", chunksize=15_000)
