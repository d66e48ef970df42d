package carnelian.engine;

import carnelian.keyspace.Database;
import carnelian.memory.Memory;
import carnelian.memory.NativeBuffer;
import carnelian.memory.Slice;
import carnelian.resp.Reply;
import carnelian.structures.Element;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// Makes the propagated stream: what has to be run on a copy of the data so that it stays a copy.
///
/// A *unit* is what one command of a client did, an EXEC with all its commands included, or one
/// deletion by the timer or by eviction. Its commands gather in [#pending] while it runs; when it
/// ends they go to the feed in one piece, between MULTI and EXEC if there are several, so that a
/// copy shows all of it or nothing. A SELECT stands before a command whose database differs from
/// the one before. Costs one branch per command while there is no feed.
final class Propagation implements AutoCloseable {
  private static final byte[] MULTI = bytes("*1\r\n$5\r\nMULTI\r\n");
  private static final byte[] EXEC = bytes("*1\r\n$4\r\nEXEC\r\n");
  private static final int INITIAL_BYTES = 4096;
  private static final int KEPT_BYTES = 1 << 20;
  private static final int NO_DATABASE = -1;

  /// Room at the front of a unit for what is only known at its end: SELECT and MULTI.
  private static final int FRONT_BYTES = 64;

  private NativeBuffer pending = new NativeBuffer(INITIAL_BYTES);
  private Reply writer = new Reply(pending);
  private Effect effect = new Effect(pending);
  private final NativeBuffer front = new NativeBuffer(FRONT_BYTES);
  private final Reply frontWriter = new Reply(front);
  private @Nullable CommandFeed feed;
  private boolean muted;
  private int commands;
  private int streamDatabase = NO_DATABASE;

  /// The database to select before the unit, or [#NO_DATABASE] if it is selected already.
  private int frontDatabase = NO_DATABASE;

  private boolean arbitraryKeys;

  // What the handler that runs now has said of its own propagation.
  private boolean replaced;
  private boolean forced;

  /// Whether [#effect] is the deletion of fields, which goes on.
  private boolean deletesFields;

  Propagation() {
    startUnit();
  }

  private static byte[] bytes(String ascii) {
    return ascii.getBytes(StandardCharsets.US_ASCII);
  }

  /// Gives the stream to `taker`, which starts without a database selected; null: to nobody. What
  /// was to be handed over to nobody is forgotten.
  void attach(@Nullable CommandFeed taker) {
    if (taker == null) {
      effect.end();
      startUnit();
    }
    feed = taker;
    forgetDatabase();
  }

  /// The database that is selected in the stream; -1 if a SELECT comes next.
  int streamDatabase() {
    return streamDatabase;
  }

  boolean isListening() {
    return feed != null;
  }

  /// The next command is preceded by SELECT, because somebody starts to read the stream there.
  void forgetDatabase() {
    streamDatabase = NO_DATABASE;
  }

  // ---- One handler -----------------------------------------------------------------------------

  /// A handler is about to run; false is what [#end] gets if it neither said nor did anything.
  void begin() {
    replaced = false;
    forced = false;
  }

  /// The handler has returned; it is propagated as it is if it changed something and did not say
  /// what to propagate instead.
  void end(Call call, boolean changed) {
    if (feed == null || muted) {
      return;
    }
    effect.end();
    if (!replaced && (changed || forced)) {
      append(call);
    }
  }

  /// Whether what commands do is left out of the stream, because their script wants it so. Keys
  /// that expire or are evicted never are.
  void mute(boolean on) {
    muted = on;
  }

  /// The command that runs is propagated although it changed no key.
  void force() {
    forced = true;
  }

  /// The command itself is not propagated; effects that are started still are.
  void replaceByNothing() {
    replaced = true;
  }

  /// Starts a command that is propagated instead of the one that runs.
  Effect replaceBy(Database database, String name) {
    replaced = true;
    return also(database, name);
  }

  /// Starts a command that is propagated as well.
  Effect also(Database database, String name) {
    effect.end();
    if (feed == null || muted) {
      return effect;
    }
    select(database);
    commands++;
    effect.begin(true);
    return effect.arg(name);
  }

  /// A key has gone because its time had come or its room was needed.
  void deleted(Database database, Slice key, String deletion) {
    if (feed == null) {
      return;
    }
    effect.end();
    select(database);
    commands++;
    writer.array(2);
    writer.bulk(deletion);
    writer.bulk(key);
  }

  /// A field of a hash has gone because its time had come; those of one key go together.
  void fieldDeleted(Database database, Slice key, Element field) {
    if (!deletesFields) {
      also(database, "HDEL").arg(key);
      deletesFields = true;
    }
    effect.arg(field);
  }

  void fieldsDeleted() {
    deletesFields = false;
    effect.end();
  }

  private void append(Call call) {
    select(call.executedIn());
    commands++;
    int argc = call.argc();
    writer.array(argc);
    for (int i = 0; i < argc; i++) {
      writer.bulk(call.arg(i));
    }
  }

  private void select(Database database) {
    int index = database.index();
    if (index != streamDatabase) {
      streamDatabase = index;
      if (commands == 0) {
        frontDatabase = index;
      } else {
        writeSelect(writer, index);
      }
    }
  }

  private static void writeSelect(Reply into, int index) {
    into.array(2);
    into.bulk("SELECT");
    into.bulkInteger(index);
  }

  // ---- One unit --------------------------------------------------------------------------------

  /// What follows belongs to a command that touches keys as it finds them (SCAN, RANDOMKEY): keys
  /// that it finds expired have nothing to do with each other, so they are not wrapped.
  void touchesArbitraryKeys() {
    arbitraryKeys = true;
  }

  /// Hands the unit over, if it has anything in it. Returns where the stream ends then; 0 if there
  /// was nothing.
  long endUnit() {
    CommandFeed taker = feed;
    if (commands == 0 || taker == null) {
      arbitraryKeys = false;
      return 0;
    }
    boolean wrapped = commands > 1 && !arbitraryKeys;
    if (wrapped) {
      pending.put(EXEC);
    }
    front.clear();
    if (frontDatabase != NO_DATABASE) {
      writeSelect(frontWriter, frontDatabase);
    }
    if (wrapped) {
      front.put(MULTI);
    }
    int gap = FRONT_BYTES - front.length();
    Memory.copy(front.address(), pending.address() + gap, front.length());
    taker.append(pending.address() + gap, pending.length() - gap);
    startUnit();
    return taker.offset();
  }

  private void startUnit() {
    commands = 0;
    arbitraryKeys = false;
    if (pending.capacity() > KEPT_BYTES) {
      pending.close();
      pending = new NativeBuffer(INITIAL_BYTES);
      writer = new Reply(pending);
      effect = new Effect(pending);
    }
    pending.clear();
    pending.reserve(FRONT_BYTES);
    pending.advance(FRONT_BYTES);
    frontDatabase = NO_DATABASE;
  }

  @Override
  public void close() {
    pending.close();
    front.close();
  }
}
