package carnelian.persistence.rdb;

import carnelian.keyspace.StreamId;
import carnelian.keyspace.StreamMeta;
import carnelian.keyspace.StreamVisitor;
import carnelian.structures.Element;
import java.io.IOException;
import java.io.UncheckedIOException;

/// Writes streams in the form that they had in a version of RDB, from what a walk tells; the number
/// of nodes has been written before. Failures of the output come as [UncheckedIOException].
final class RdbStreamWriter implements StreamVisitor {
  private static final int ID_BYTES = 16;

  private final RdbOutput out;
  private final RdbType type;

  RdbStreamWriter(RdbOutput out, int version) {
    this.out = out;
    type = typeOf(version);
  }

  static RdbType typeOf(int version) {
    if (version >= RdbType.STREAM_LISTPACKS_3.sinceVersion()) {
      return RdbType.STREAM_LISTPACKS_3;
    }
    return version >= RdbType.STREAM_LISTPACKS_2.sinceVersion()
        ? RdbType.STREAM_LISTPACKS_2
        : RdbType.STREAM_LISTPACKS;
  }

  private boolean isFirstForm() {
    return type == RdbType.STREAM_LISTPACKS;
  }

  @Override
  public void node(StreamId id, long listpack, int bytes) {
    try {
      out.writeLength(ID_BYTES);
      writeRawId(id);
      out.writeString(listpack, bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Sixteen bytes, the highest first.
  private void writeRawId(StreamId id) throws IOException {
    out.writeLong(Long.reverseBytes(id.ms));
    out.writeLong(Long.reverseBytes(id.sequence));
  }

  private void writeId(StreamId id) throws IOException {
    out.writeLength(id.ms);
    out.writeLength(id.sequence);
  }

  @Override
  public void meta(StreamMeta meta) {
    try {
      out.writeLength(meta.length());
      writeId(meta.lastId());
      if (!isFirstForm()) {
        writeId(meta.firstId());
        writeId(meta.maxDeletedId());
        out.writeLength(meta.entriesAdded());
      }
      out.writeLength(meta.groups());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void group(Element name, StreamId lastId, long entriesRead, long pending) {
    try {
      out.writeString(name);
      writeId(lastId);
      if (!isFirstForm()) {
        out.writeLength(entriesRead);
      }
      out.writeLength(pending);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void pending(StreamId id, long deliveryTimeMillis, long deliveryCount) {
    try {
      writeRawId(id);
      out.writeLong(deliveryTimeMillis);
      out.writeLength(deliveryCount);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void consumers(long count) {
    try {
      out.writeLength(count);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void consumer(Element name, long seenTimeMillis, long activeTimeMillis, long pending) {
    try {
      out.writeString(name);
      out.writeLong(seenTimeMillis);
      if (type == RdbType.STREAM_LISTPACKS_3) {
        out.writeLong(activeTimeMillis);
      }
      out.writeLength(pending);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void consumerPending(StreamId id, long deliveryTimeMillis, long deliveryCount) {
    try {
      writeRawId(id);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
