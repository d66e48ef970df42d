package carnelian.server;

import carnelian.base.config.Config;
import carnelian.base.config.Directives;
import carnelian.memory.Memory;
import carnelian.memory.NativeBuffer;
import carnelian.memory.Slice;
import carnelian.persistence.rdb.Crc64;
import carnelian.persistence.rdb.RdbInput;
import carnelian.persistence.rdb.RdbOpcode;
import carnelian.persistence.rdb.RdbOutput;
import carnelian.persistence.rdb.RdbVersion;
import carnelian.scripting.FunctionPayloads;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// Function libraries as FUNCTION DUMP hands them out: as they stand in a snapshot, then the
/// version and a checksum.
final class StoredFunctions implements FunctionPayloads {
  private static final int VERSION_BYTES = 2;
  private static final int FOOTER_BYTES = VERSION_BYTES + Long.BYTES;

  /// The first version that knows functions.
  private static final int LEAST_VERSION = 10;

  private final Config config;

  StoredFunctions(Config config) {
    this.config = config;
  }

  @Override
  public byte[] write(List<byte[]> libraries) {
    try (NativeBuffer payload = new NativeBuffer(1024);
        NativeBuffer text = new NativeBuffer(1024);
        RdbOutput out =
            RdbOutput.into(
                payload,
                config.get(Directives.RDBCOMPRESSION)
                    ? RdbOutput.Compression.LZF
                    : RdbOutput.Compression.NONE)) {
      for (byte[] library : libraries) {
        text.clear();
        text.put(library);
        out.writeOpcode(RdbOpcode.FUNCTION_2);
        out.writeString(text.address(), text.length());
      }
      out.flush();
      int version = Math.max(config.get(Directives.RDB_VERSION), LEAST_VERSION);
      payload.putByte(version);
      payload.putByte(version >>> Byte.SIZE);
      payload.putLong(Crc64.update(0, payload.address(), payload.length()));
      return payload.toBytes();
    } catch (IOException impossible) {
      throw new IllegalStateException(impossible); // Memory takes all that is written.
    }
  }

  @Override
  public boolean isIntact(Slice payload) {
    if (payload.length < FOOTER_BYTES) {
      return false;
    }
    int summed = payload.length - Long.BYTES;
    int version = Memory.getShort(payload.at + summed - VERSION_BYTES) & 0xFFFF;
    return RdbVersion.isReadable(version)
        && Memory.getLong(payload.at + summed) == Crc64.update(0, payload.at, summed);
  }

  @Override
  public List<byte[]> read(Slice payload) throws IOException {
    List<byte[]> libraries = new ArrayList<>();
    Slice content = new Slice(payload.at, payload.length - FOOTER_BYTES);
    Slice text = new Slice();
    try (RdbInput in = RdbInput.of("payload", content)) {
      while (!in.isAtEnd()) {
        int opcode = in.readByte();
        if (opcode != RdbOpcode.FUNCTION_2.code()) {
          throw new IOException("given type is not a function");
        }
        libraries.add(in.readString(text).toBytes());
      }
    }
    return libraries;
  }
}
