/// RDB, Redis's snapshot format: bytes in and out, checksum, compression, and the old encodings
/// that files of earlier servers hold. The wire part knows nothing of the keyspace;
/// docs/formats/rdb.md has the byte tables.
@NullMarked
package carnelian.persistence.rdb;

import org.jspecify.annotations.NullMarked;
