package carnelian.scripting;

import carnelian.datatypes.DataTypes;
import carnelian.engine.transactions.TransactionCommands;
import carnelian.harness.TestClient;
import carnelian.harness.TestStore;
import carnelian.memory.Slice;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A store with every command family, transactions and scripts.
final class ScriptedStore implements AutoCloseable {
  final TestStore store;
  final Scripting scripting;

  ScriptedStore() {
    this(false);
  }

  /// With `lua-enable-deprecated-api` or without.
  ScriptedStore(boolean deprecatedApi) {
    store = TestStore.with(DataTypes.commands());
    store.and(new TransactionCommands(store.engine()).all());
    scripting = new Scripting(store.engine(), new PlainPayloads(), deprecatedApi);
    store.engine().functionLibraries(scripting);
    store.and(scripting.commands());
  }

  /// Follows a session on a new store; see `Transcript`.
  static void check(String transcript) {
    try (ScriptedStore store = new ScriptedStore()) {
      store.store.check(transcript);
    }
  }

  TestClient first() {
    return store.first();
  }

  @Nullable Object run(Object... arguments) {
    return store.run(arguments);
  }

  /// The bytes of the reply to a script without keys and arguments, on one line.
  String eval(String script) {
    return raw("EVAL", script, "0");
  }

  /// The bytes of a reply, on one line.
  String raw(Object... arguments) {
    return store.raw(arguments).replace("\r\n", " ").strip();
  }

  @Override
  public void close() {
    store.close();
    scripting.close();
  }

  /// Libraries one after the other, with their lengths: the snapshot's form is not known here.
  private static final class PlainPayloads implements FunctionPayloads {
    @Override
    public byte[] write(List<byte[]> libraries) {
      try {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        out.writeInt(libraries.size());
        for (byte[] library : libraries) {
          out.writeInt(library.length);
          out.write(library);
        }
        return bytes.toByteArray();
      } catch (IOException impossible) {
        throw new AssertionError(impossible);
      }
    }

    @Override
    public boolean isIntact(Slice payload) {
      return payload.length >= Integer.BYTES;
    }

    @Override
    public List<byte[]> read(Slice payload) throws IOException {
      DataInputStream in = new DataInputStream(new ByteArrayInputStream(payload.toBytes()));
      List<byte[]> libraries = new ArrayList<>();
      for (int left = in.readInt(); left > 0; left--) {
        libraries.add(in.readNBytes(in.readInt()));
      }
      return libraries;
    }
  }
}
