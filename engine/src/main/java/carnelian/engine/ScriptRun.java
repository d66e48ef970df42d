package carnelian.engine;

import carnelian.command.CommandFlag;
import carnelian.memory.NativeBuffer;
import carnelian.memory.Slice;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// The way of a script to the commands: a client of its own kind, whose replies stay in a buffer
/// for the script to read.
///
/// [#begin] at the start of a script and [#end] at its end; between them any number of commands,
/// each put together with [#clear] and [#add] and run by [#execute]. What they do belongs to the
/// command that runs the script: one unit of the propagated stream, one moment in time. An engine
/// has one of these, because scripts do not nest.
public final class ScriptRun implements AutoCloseable {
  /// What a script may do beside reading.
  public record Rights(boolean write, boolean whenFull) {}

  private static final int INITIAL_BYTES = 1024;
  private static final int KEPT_BYTES = 1 << 20;

  private static final ReplyError UNKNOWN =
      ReplyError.of("ERR Unknown Redis command called from script");
  private static final ReplyError ARITY =
      ReplyError.of("ERR Wrong number of args calling Redis command from script");
  private static final ReplyError NOT_FROM_SCRIPT =
      ReplyError.of("ERR This Redis command is not allowed from script");
  private static final ReplyError READ_ONLY_SCRIPT =
      ReplyError.of("ERR Write commands are not allowed from read-only scripts.");
  private static final ReplyError NOT_WHEN_STALE =
      ReplyError.of("ERR Can not execute the command on a stale replica");

  private final Dispatcher dispatcher;
  private final Statistics statistics;
  private final NativeBuffer replies = new NativeBuffer(INITIAL_BYTES);
  private final NativeBuffer words = new NativeBuffer(INITIAL_BYTES);
  private final Slice name = new Slice();
  private final Client client;
  private final Call call;
  private int[] ends = new int[8];
  private int argc;

  private @Nullable Client caller;
  private @Nullable Call callersCall;
  private Rights rights = new Rights(false, false);
  private boolean full;
  private boolean wrote;
  private boolean everyCommand;
  private @Nullable ReplyError refusal;

  ScriptRun(Dispatcher dispatcher, Statistics statistics) {
    this.dispatcher = dispatcher;
    this.statistics = statistics;
    this.call = new Call(dispatcher, Call.OF_SCRIPT);
    client = new Client(0, new Replies(), dispatcher.keyspace().database(0), 0);
    client.reply().onError(statistics);
  }

  /// Keeps what is replied; there is nobody to send it to.
  private final class Replies implements Outlet {
    @Override
    public NativeBuffer buffer() {
      return replies;
    }

    @Override
    public void flush() {}

    @Override
    public void closeAfterFlush() {}

    @Override
    public void close() {}

    @Override
    public void pause() {}

    @Override
    public void resume() {}

    @Override
    public String peer() {
      Client present = caller;
      return present == null ? "" : present.outlet().peer();
    }

    @Override
    public String local() {
      Client present = caller;
      return present == null ? "" : present.outlet().local();
    }
  }

  // ---- A script --------------------------------------------------------------------------------

  /// A script starts, which the client of this call asked for. Its commands run as that client's
  /// user and in its database, in RESP2 until [Client#protocol(int)] says otherwise.
  public void begin(Call outer, Rights granted) {
    Client present = outer.client();
    caller = present;
    callersCall = outer;
    rights = granted;
    wrote = false;
    client.select(present.database());
    client.authenticate(present.user(), present.isRestricted());
    client.obeyed(present.isObeyed());
    client.noTouch(present.isNoTouch());
    client.protocol(2);
    full = !present.isObeyed() && !dispatcher.admission.hasRoom();
    if (dispatcher.observer.monitoring()) {
      dispatcher.observer.scriptBegins(outer);
    }
  }

  /// The script is over: what it did is propagated instead of the command that ran it. Once more:
  /// nothing.
  public void end() {
    if (callersCall == null) {
      return;
    }
    caller = null;
    callersCall = null;
    argc = 0;
    dispatcher.propagation().mute(false);
    dispatcher.propagation().replaceByNothing();
    dispatcher.forgetErrors();
    if (replies.capacity() > KEPT_BYTES) {
      replies.clear();
      replies.shrinkTo(0);
    }
    if (words.capacity() > KEPT_BYTES) {
      words.clear();
      words.shrinkTo(0);
    }
  }

  /// The script, which is over, replies with an error that one of its commands has made, and fails.
  public void failed() {
    dispatcher.failWithKnownError();
  }

  /// The client that the script's commands run as.
  public Client client() {
    return client;
  }

  /// The call that a client has sent: of a script's command that which runs the script, of any
  /// other it is itself.
  @SuppressWarnings("ReferenceEquality") // There is one.
  public Call sent(Call any) {
    Call outer = callersCall;
    return any == call && outer != null ? outer : any;
  }

  /// Whether scripts may run commands that are not for them: `DEBUG SET-DISABLE-DENY-SCRIPTS`.
  public void everyCommand(boolean yes) {
    everyCommand = yes;
  }

  /// Why a script that says nothing of stale data does not run for this client now; null if it may.
  public @Nullable ReplyError staleness(Client asking) {
    return asking.isObeyed() ? null : dispatcher.admission.replicationGuard.stale();
  }

  /// Whether memory was over its limit when the script began.
  public boolean isFull() {
    return full;
  }

  /// Whether the script has run a command that writes, so that it cannot be stopped half-way.
  public boolean hasWritten() {
    return wrote;
  }

  /// Whether what follows is propagated: `redis.set_repl`.
  public void propagates(boolean yes) {
    dispatcher.propagation().mute(!yes);
  }

  // ---- A command -------------------------------------------------------------------------------

  /// Begins another command.
  public void clear() {
    words.clear();
    argc = 0;
  }

  /// Where the next argument is written, `bytes` long; [#added] completes it.
  public long room(int bytes) {
    return words.reserve(bytes);
  }

  /// What was written at [#room] is the next argument.
  public void added(int bytes) {
    words.advance(bytes);
    if (argc == ends.length) {
      ends = Arrays.copyOf(ends, argc * 2);
    }
    ends[argc++] = words.length();
  }

  /// Adds an argument.
  public void add(byte[] argument) {
    words.put(argument);
    added(0);
  }

  /// Runs the command. Its reply, in the protocol of [#client], stands in what is returned until
  /// the next command; null if it was refused, for the reason in [#refusal].
  public @Nullable NativeBuffer execute() {
    replies.clear();
    refusal = null;
    openCall();
    CommandEntry entry = find();
    refusal = entry == null ? UNKNOWN : admit(entry);
    if (entry == null || refusal != null) {
      if (entry != null) {
        entry.countRejected();
      }
      statistics.replied(refusal == null ? UNKNOWN.text() : refusal.text());
      call.close();
      return null;
    }
    wrote |= entry.has(CommandFlag.WRITE);
    call.resolve(entry);
    dispatcher.runForScript(call, entry);
    KeyTracking tracking = dispatcher.changes().tracking;
    Client reader = caller;
    Call outer = callersCall;
    if (entry.fetches
        && tracking != null
        && reader != null
        && outer != null
        && reader.isTracking()) {
      tracking.read(call, reader); // As in 7.2.
      tracking.read(outer, reader); // As in 7.0: the keys that the script was given.
    }
    call.close();
    return replies;
  }

  private void openCall() {
    call.open(client, (KeyWait) null);
    call.ownArguments(argc);
    int start = 0;
    for (int i = 0; i < argc; i++) {
      call.arg(i).set(words.address() + start, ends[i] - start);
      start = ends[i];
    }
  }

  /// Why the last command was refused.
  public @Nullable ReplyError refusal() {
    return refusal;
  }

  /// Whether the caller's user may run the command that was put together: `redis.acl_check_cmd`.
  /// Null if there is no such command.
  public @Nullable Boolean isPermitted() {
    openCall();
    CommandEntry entry = find();
    Boolean permitted = null;
    if (entry != null) {
      call.resolve(entry);
      permitted = !client.isRestricted() || dispatcher.admission.permissions.permits(call);
    }
    call.close();
    return permitted;
  }

  private @Nullable CommandEntry find() {
    name.set(call.arg(0));
    CommandEntry entry = dispatcher.commands().find(name);
    CommandTable subcommands = entry == null ? null : entry.subcommands();
    if (entry == null || subcommands == null || argc == 1) {
      return entry;
    }
    CommandEntry subcommand = subcommands.find(call.arg(1));
    return subcommand == null && entry.command().handler() != null ? entry : subcommand;
  }

  private @Nullable ReplyError admit(CommandEntry entry) {
    if (!entry.declaration().accepts(argc)
        || (entry.subcommands() != null && entry.command().handler() == null)) {
      return ARITY;
    }
    if (entry.has(CommandFlag.NOSCRIPT) && !everyCommand) {
      return NOT_FROM_SCRIPT;
    }
    if (!entry.has(CommandFlag.STALE) && staleness(client) != null) {
      return NOT_WHEN_STALE;
    }
    call.resolve(entry);
    if (client.isRestricted() && !client.isObeyed()) {
      Denial denial = dispatcher.admission.permissions.check(call, Permissions.Context.LUA);
      if (denial != null) {
        return denial.refusalInScript();
      }
    }
    boolean writes = entry.has(CommandFlag.WRITE);
    if (!rights.write() && (writes || entry.has(CommandFlag.MAY_REPLICATE))) {
      return READ_ONLY_SCRIPT;
    }
    if (writes && !wrote) { // What has begun is not left half done.
      ReplyError closed = client.isObeyed() ? null : dispatcher.admission.refusalOfWrites(client);
      if (closed != null) {
        return closed;
      }
    }
    boolean needsRoom = entry.has(CommandFlag.DENYOOM) && !rights.whenFull();
    if (needsRoom && ((full && !wrote) || !dispatcher.admission.fitsHeap(call))) {
      return ReplyError.OUT_OF_MEMORY;
    }
    return null;
  }

  @Override
  public void close() {
    replies.close();
    words.close();
  }
}
