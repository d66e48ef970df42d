package carnelian.engine;

import carnelian.base.Invariant;
import carnelian.base.RandomSource;
import carnelian.command.Arguments;
import carnelian.command.CommandFlag;
import carnelian.keyspace.Database;
import carnelian.keyspace.KeyEvent;
import carnelian.keyspace.Keyspace;
import carnelian.keyspace.Type;
import carnelian.memory.Slice;
import carnelian.resp.Reply;
import carnelian.resp.RequestBatch;
import carnelian.structures.Decimals;
import carnelian.structures.Element;
import org.jspecify.annotations.Nullable;

/// One run of a command: its arguments, its client, the data, and where the reply goes.
///
/// The engine has a few of these and uses them again and again. What a call hands out is valid
/// until [Handler#execute] returns; arguments point into the query buffer and must be copied to be
/// kept.
public final class Call implements Arguments {
  /// The depth of a command of a script.
  static final int OF_SCRIPT = 2;

  private static final int INITIAL_ARGUMENTS = 8;
  private static final int KEPT_ARGUMENTS = 1024;
  private static final long MILLIS_PER_SECOND = 1000;

  private final Dispatcher dispatcher;
  private final int depth;

  // Where the arguments stand: in a batch, or in slices of the call's own.
  private @Nullable RequestBatch batch;
  private int batchIndex;
  private Slice[] own = slices(INITIAL_ARGUMENTS);
  private int argc;
  private final Element element = new Element();

  private @Nullable Client client;
  private @Nullable CommandEntry entry;
  private @Nullable Database executedIn;
  private @Nullable KeyWait repeated;

  Call(Dispatcher dispatcher, int depth) {
    this.dispatcher = dispatcher;
    this.depth = depth;
  }

  // ---- Arguments -------------------------------------------------------------------------------

  /// Arguments, the command's name included.
  @Override
  public int argc() {
    return argc;
  }

  /// Argument 0 is the command's name as the client wrote it.
  @Override
  public Slice arg(int index) {
    RequestBatch source = batch;
    return source == null ? own[index] : source.arg(batchIndex, index);
  }

  /// Whether the argument is this word, which is given in capitals or not, in any case of letters.
  public boolean is(int index, String word) {
    return arg(index).isIgnoringCase(word);
  }

  /// The argument as a 64-bit integer, else the error `NOT_AN_INTEGER`.
  public long integer(int index) {
    return integer(index, ReplyError.NOT_AN_INTEGER);
  }

  /// The argument as a 64-bit integer, else the given error.
  public long integer(int index, ReplyError otherwise) {
    Slice text = arg(index);
    if (!Decimals.isCanonical(text.at, text.length)) {
      throw otherwise;
    }
    return Decimals.parse(text.at, text.length);
  }

  /// The argument as an integer from `least` to `most`, else the given error.
  public long integer(int index, long least, long most, ReplyError otherwise) {
    long value = integer(index, otherwise);
    if (value < least || value > most) {
      throw otherwise;
    }
    return value;
  }

  /// The argument as an integer from `least` to `most`, else an error that says so.
  public long integerInRange(int index, long least, long most) {
    long value = integer(index);
    if (value < least || value > most) {
      throw ReplyError.outOfRange(least, most);
    }
    return value;
  }

  /// The argument as a double, infinities included, else the error `NOT_A_FLOAT`.
  public double number(int index) {
    return number(index, ReplyError.NOT_A_FLOAT);
  }

  /// The argument as a double, infinities included, else the given error.
  public double number(int index, ReplyError otherwise) {
    Slice text = arg(index);
    return number(text.at, text.length, otherwise);
  }

  /// The bytes at `at`, a part of an argument, as a double, else the given error.
  public static double number(long at, int length, ReplyError otherwise) {
    double value = Numbers.parse(at, length);
    if (Double.isNaN(value)) {
      throw otherwise;
    }
    return value;
  }

  /// The argument as the time-out of a blocking command: seconds, with a fraction if need be, 0 for
  /// ever. In milliseconds, rounded up so that a short wait is a wait.
  public long timeoutMillis(int index) {
    double seconds = number(index, ReplyError.TIMEOUT_NOT_A_FLOAT);
    double millis = seconds * MILLIS_PER_SECOND;
    if (millis > Long.MAX_VALUE) {
      throw ReplyError.TIMEOUT_OUT_OF_RANGE;
    }
    long rounded = (long) Math.ceil(millis);
    if (rounded < 0) {
      throw ReplyError.TIMEOUT_NEGATIVE;
    }
    if (rounded > Long.MAX_VALUE - nowMillis()) {
      throw ReplyError.TIMEOUT_OUT_OF_RANGE;
    }
    return rounded;
  }

  /// An element for the handler to read into: one for each call, free at its start.
  public Element element() {
    return element;
  }

  // ---- Surroundings ----------------------------------------------------------------------------

  public Client client() {
    Client present = client;
    if (present == null) {
      throw new IllegalStateException("no command is running");
    }
    return present;
  }

  public CommandEntry entry() {
    CommandEntry present = entry;
    if (present == null) {
      throw new IllegalStateException("no command is running");
    }
    return present;
  }

  /// The command's full name in lower case.
  public String name() {
    return entry().name();
  }

  /// The client's database.
  public Database db() {
    return client().database();
  }

  /// The database that was selected when the command began.
  Database executedIn() {
    Database present = executedIn;
    if (present == null) {
      throw new IllegalStateException("no command is running");
    }
    return present;
  }

  /// What a command takes of the Java heap is checked here first if clients choose how much it is.
  public JavaHeapBudget javaHeap() {
    return dispatcher.javaHeap;
  }

  public Keyspace keyspace() {
    return dispatcher.keyspace();
  }

  public Reply reply() {
    return client().reply();
  }

  /// Unix time in ms; the same for a whole batch, and for a transaction.
  public long nowMillis() {
    return dispatcher.nowMillis();
  }

  public RandomSource random() {
    return dispatcher.random();
  }

  /// Whether the command runs on its own, not as a part of a transaction or a script.
  public boolean isTopLevel() {
    return depth == 0;
  }

  /// Whether a script runs the command.
  public boolean isOfScript() {
    return depth == OF_SCRIPT;
  }

  /// Whether the client's user may read keys besides those that the arguments name: SORT asks it
  /// for the keys that its patterns make up.
  public boolean mayReadAnyKey() {
    return client().isObeyed()
        || !client().isRestricted()
        || dispatcher.admission.permissions.mayReadAnyKey(this);
  }

  // ---- What the command did --------------------------------------------------------------------

  /// The command has changed a value or a deadline.
  public void changed(Slice key, KeyEvent event) {
    changed(key, event, 1);
  }

  /// The command has changed a value, `dirty` elements of it.
  public void changed(Slice key, KeyEvent event, long dirty) {
    db().changed(key, event, dirty);
  }

  /// As [#changed(Slice, KeyEvent, long)], where Redis has no event for it.
  public void changedUnheard(Slice key, long dirty) {
    db().changedUnheard(key, dirty);
  }

  /// The command has changed what hangs off a key, such as consumer groups: nothing that breaks a
  /// WATCH or is notified.
  public void changedBeside(long dirty) {
    db().changedBeside(dirty);
  }

  /// As [#changedBeside(long)], where Redis has an event for it.
  public void changedBeside(Slice key, KeyEvent event) {
    db().changedBeside(key, event, 1);
  }

  /// Propagates another command instead of this one; its arguments are written to what is returned.
  /// Called again, propagates both.
  public Effect replicateAs(String name) {
    return dispatcher.propagation().replaceBy(db(), name);
  }

  /// As [#replicateAs(String)], in another database.
  public Effect replicateAs(Database database, String name) {
    return dispatcher.propagation().replaceBy(database, name);
  }

  /// Propagates nothing, although something changed.
  public void replicateNothing() {
    dispatcher.propagation().replaceByNothing();
  }

  /// Propagates the command although nothing changed: PUBLISH, FLUSHALL of an empty store.
  public void replicate() {
    dispatcher.propagation().force();
  }

  /// Whether the command runs once more because a key that its client waits for may be ready.
  public boolean isRepeated() {
    return repeated != null;
  }

  @Nullable KeyWait repeated() {
    return repeated;
  }

  /// The command has deleted all keys of all databases.
  public void flushedAll() {
    dispatcher.flushedAll();
  }

  // ---- Blocking --------------------------------------------------------------------------------

  /// Whether the client can be made to wait. If not (inside a transaction or a script), a blocking
  /// command answers at once what it would answer after its time-out.
  public boolean mayBlock() {
    return depth == 0 || repeated != null;
  }

  /// Makes the client wait until one of the keys at arguments `firstArg` to `lastArg` holds a value
  /// of the type, and then runs the command again. After the time-out (0: never) the client gets a
  /// nil array. The handler writes no reply and returns.
  ///
  /// Where waiting is not allowed this writes that nil array at once.
  public void blockOnKeys(int firstArg, int lastArg, Type type, long timeoutMillis) {
    if (mayBlock()) {
      dispatcher.block(this, firstArg, lastArg, type, false, timeoutMillis);
    } else {
      reply().nilArray();
    }
  }

  /// As [#blockOnKeys], and runs the command again also when a key is deleted or gets another type.
  public void blockOnKeysUntilGone(int firstArg, int lastArg, Type type, long timeoutMillis) {
    if (mayBlock()) {
      dispatcher.block(this, firstArg, lastArg, type, true, timeoutMillis);
    } else {
      reply().nilArray();
    }
  }

  // ---- For the dispatcher ----------------------------------------------------------------------

  int depth() {
    return depth;
  }

  /// Takes its arguments from a batch.
  void open(Client caller, RequestBatch source, int index) {
    client = caller;
    batch = source;
    batchIndex = index;
    argc = source.argc(index);
    entry = null;
    repeated = null;
    executedIn = caller.database();
  }

  /// Takes its arguments from elsewhere: see [#ownArguments].
  void open(Client caller, @Nullable KeyWait wait) {
    client = caller;
    batch = null;
    argc = 0;
    entry = null;
    repeated = wait;
    executedIn = caller.database();
  }

  /// Makes room for arguments of the call's own, which are then set one by one through [#arg].
  void ownArguments(int count) {
    Invariant.check(batch == null, "the arguments stand in a batch");
    if (count > own.length) {
      own = slices(Math.max(count, own.length * 2));
    }
    argc = count;
  }

  void resolve(CommandEntry resolved) {
    entry = resolved;
  }

  /// Null until the command has been found.
  @Nullable CommandEntry resolved() {
    return entry;
  }

  void close() {
    client = null;
    entry = null;
    executedIn = null;
    batch = null;
    repeated = null;
    argc = 0;
    if (own.length > KEPT_ARGUMENTS) {
      own = slices(INITIAL_ARGUMENTS);
    }
  }

  /// The flags that decide whether the call is admitted: an EXEC's are those of all it will run, a
  /// script's are its own.
  int admissionFlags() {
    CommandEntry present = entry();
    if (!present.mayTakeTurns) {
      return present.flags;
    }
    return present.isExec
        ? present.flags | client().transaction.queuedFlags()
        : present.command().admissionFlags(this, present.flags);
  }

  boolean mayWrite() {
    return (admissionFlags() & CommandFlag.WRITE.bit()) != 0;
  }

  private static Slice[] slices(int count) {
    Slice[] slices = new Slice[count];
    for (int i = 0; i < count; i++) {
      slices[i] = new Slice();
    }
    return slices;
  }
}
