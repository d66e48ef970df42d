package carnelian.engine;

import carnelian.base.Clock;
import carnelian.base.RandomSource;
import carnelian.keyspace.Keyspace;
import carnelian.keyspace.Type;
import carnelian.keyspace.WrongTypeException;
import carnelian.memory.CopyLimitException;
import carnelian.memory.HeapLimitException;
import carnelian.memory.NativeBuffer;
import carnelian.resp.Reply;
import carnelian.resp.RequestBatch;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// The life of a command from its arguments to its reply: found ([LookAhead]), admitted or refused
/// ([Admission]), queued or run, counted, propagated, and those served who waited for what it did.
///
/// Nothing is allocated on the way of a command that succeeds.
///
/// ## Time
///
/// The wall clock is read once per batch. Durations are measured per run of equal commands: the
/// monotonic clock is read when another command follows, when [#LONGEST_RUN] is reached, and at the
/// end of the batch. A run's time is shared among its calls. Only quick commands (constant or
/// logarithmic time) are run together, and none while the slow log wants to see durations below
/// [#SHORTEST_SHARED_SLOWNESS]; so a run that takes long had one long call in it, and the last
/// stands for it. That saves a clock read, about 25 ns, on every pipelined command.
final class Dispatcher implements BlockedClients.Repeater {
  private static final int LONGEST_RUN = 16;
  private static final int KEPT_PUSH_BYTES = 64 * 1024;
  private static final long SHORTEST_SHARED_SLOWNESS = TimeUnit.MILLISECONDS.toNanos(1);

  private final Clock clock;
  private final RandomSource random;
  private final Keyspace keyspace;
  private final CommandTable commands;
  private final Statistics statistics;
  private final Changes changes;
  private final Propagation propagation;
  private final WatchedKeys watchedKeys;
  private final BlockedClients blockedClients;
  final JavaHeapBudget javaHeap;
  private final EngineSettings settings;
  private final LookAhead lookAhead;
  private final Call topLevelCall = new Call(this, 0);
  private final Call queuedCall = new Call(this, 1);
  private final Call repeatedCall = new Call(this, 0);
  private final Call slowCall = new Call(this, 0);
  private final NativeBuffer heldPushes = new NativeBuffer(0);
  private @Nullable Client executing;
  private final List<Client> toFlush = new ArrayList<>();
  final Turns turns;
  final Admission admission;

  CommandObserver observer = CommandObserver.NONE;
  private @Nullable CommandSampler sampler;

  /// Commands that pass before the sampler sees one.
  private int unsampled = Integer.MAX_VALUE;

  Engine.@Nullable FlushListener flushListener;

  private long nowMillis;
  private long nowNanos;
  private long runStartNanos;
  private int runCalls;
  private @Nullable CommandEntry runEntry;
  private int runLast;
  private long errorsSeen;

  /// Whether calls are counted and their durations looked at: not what the log has executed while
  /// it is loaded.
  private boolean counts = true;

  Dispatcher(
      Clock clock,
      RandomSource random,
      Keyspace keyspace,
      CommandTable commands,
      Statistics statistics,
      EngineSettings settings,
      Changes changes,
      Propagation propagation,
      WatchedKeys watchedKeys,
      BlockedClients blockedClients,
      JavaHeapBudget javaHeap) {
    this.clock = clock;
    this.random = random;
    this.keyspace = keyspace;
    this.commands = commands;
    this.statistics = statistics;
    this.settings = settings;
    this.changes = changes;
    this.propagation = propagation;
    this.watchedKeys = watchedKeys;
    this.blockedClients = blockedClients;
    this.javaHeap = javaHeap;
    lookAhead = new LookAhead(commands, keyspace);
    turns = new Turns(this, clock, statistics, settings);
    admission = new Admission(clock, keyspace, turns);
  }

  Keyspace keyspace() {
    return keyspace;
  }

  RandomSource random() {
    return random;
  }

  Changes changes() {
    return changes;
  }

  Propagation propagation() {
    return propagation;
  }

  CommandTable commands() {
    return commands;
  }

  long nowMillis() {
    return nowMillis;
  }

  /// The monotonic clock as it was read last.
  long nowNanos() {
    return nowNanos;
  }

  /// The client whose batch runs.
  @Nullable Client executing() {
    return executing;
  }

  void executing(@Nullable Client client) {
    executing = client;
  }

  void observer(CommandObserver looks) {
    observer = looks;
    admission.observer = looks;
  }

  void flushedAll() {
    if (flushListener != null) {
      flushListener.flushedAll();
    }
  }

  void sampler(CommandSampler looks) {
    sampler = looks;
    unsampled = 0;
  }

  // ---- A batch ---------------------------------------------------------------------------------

  /// Runs the commands of a batch from `first` on, as long as the client is neither blocked nor
  /// closed, and returns the index of the first one that was left.
  int execute(Client client, RequestBatch batch, int first) {
    if (turns.busy != null) {
      return turns.execute(client, batch, first);
    }
    readClock();
    client.interacted(nowMillis);
    lookAhead.restart(first);
    executing = client;
    counts = admission.serving != ServingState.LOADING || !client.isObeyed();
    runStartNanos = nowNanos;
    Call call = topLevelCall;
    int next = first;
    while (next < batch.commands() && client.isOpen() && !client.isBlocked()) {
      call.open(client, batch, next);
      CommandEntry entry = resolve(call, lookAhead.find(call, batch, next));
      if (entry != runEntry || runCalls == LONGEST_RUN) {
        endRun(client, batch);
      }
      if (--unsampled < 0 && sampler != null && entry != null) {
        unsampled = sampler.sampled(call, entry);
      }
      if (!process(call, entry)) {
        break; // Held back: the command stays where it is.
      }
      runLast = next++;
      if (runEntry != null && !isTimedInRuns(runEntry)) {
        endRun(client, batch);
      }
    }
    keyspace.expectNothing();
    endRun(client, batch);
    executing = null;
    counts = true;
    call.close();
    flushWritten();
    return next;
  }

  /// Reads the clock for all that runs until it is read again.
  void readClock() {
    nowMillis = clock.wallMillis();
    nowNanos = clock.monotonicNanos();
    keyspace.advance(nowMillis);
  }

  // ---- A command -------------------------------------------------------------------------------

  /// Answers one command. False if it was held back and has to come again.
  private boolean process(Call call, @Nullable CommandEntry entry) {
    Client client = call.client();
    if (entry == null) {
      refuse(call, unknown(call));
    } else {
      call.resolve(entry);
      ReplyError refusal = admission.refusal(call, entry);
      if (refusal != null) {
        entry.countRejected();
        refuse(call, refusal);
      } else if (admission.isHeldBack(call)) {
        client.blockage = Client.Blockage.PAUSE;
        client.outlet().pause();
        return false;
      } else if (client.isInTransaction() && !entry.runsInTransaction) {
        enqueue(call);
      } else if (entry.mayTakeTurns && turns.isDeferred(call)) {
        return false;
      } else {
        runTopLevel(call, entry);
      }
    }
    client.commandReplied();
    if (client.isTracking() && changes.tracking != null) {
      changes.tracking.commandEnded(client, entry);
    }
    return true;
  }

  /// The command, or the subcommand that the second argument names, or null.
  static @Nullable CommandEntry resolve(Call call, @Nullable CommandEntry entry) {
    if (entry == null || call.argc() == 1) {
      return entry;
    }
    CommandTable subcommands = entry.subcommands();
    return subcommands == null ? entry : subcommands.find(call.arg(1));
  }

  ReplyError unknown(Call call) {
    CommandEntry container = commands.find(call.arg(0));
    if (container == null) {
      return ReplyError.unknownCommand(call);
    }
    return ReplyError.unknownSubcommand(call.arg(0), call.arg(1));
  }

  void refuse(Call call, ReplyError refusal) {
    Client client = call.client();
    CommandEntry entry = call.resolved();
    if (entry != null && entry.isExec) {
      discardTransaction(client); // Also where there is none: then only what is watched.
    } else {
      client.transaction.doom();
    }
    ReplyError told = entry != null && entry.isExec ? refusal.asExecAbort() : refusal;
    client.reply().error(told.text());
  }

  // ---- Running ---------------------------------------------------------------------------------

  private void runTopLevel(Call call, CommandEntry entry) {
    runEntry = entry;
    runCalls++;
    runUnit(call, entry);
    // What is loaded is no news: nobody waits for it, and what it led to would not be logged.
    if (admission.serving != ServingState.LOADING && blockedClients.hasReadyKeys()) {
      readClock(); // A transaction may have taken so long that what it made has expired.
      blockedClients.serve(this);
    }
  }

  /// Runs a command that no other one is a part of, and hands what it did to the feed.
  private void runUnit(Call call, CommandEntry entry) {
    if (entry.touchesArbitraryKeys) {
      propagation.touchesArbitraryKeys();
    }
    changes.commandBegins(call.client());
    keyspace.clientTouches(!call.client().isNoTouch());
    run(call, entry);
    changes.commandEnded();
    if (!heldPushes.isEmpty()) {
      releasePushes(call.client());
    }
    long wroteUpTo = propagation.endUnit();
    if (wroteUpTo > 0) {
      call.client().wroteUpTo = wroteUpTo;
    }
  }

  /// Runs the handler and sees to all that follows but the end of the unit.
  private void run(Call call, CommandEntry entry) {
    Client client = call.client();
    Handler handler = entry.command().handler();
    Reply reply = client.reply();
    int mark = reply.mark();
    long changesBefore = changes.changes;
    errorsSeen = statistics.errorReplies();
    propagation.begin();
    try {
      if (handler == null) {
        throw ReplyError.wrongNumberOfArguments(entry.name());
      }
      handler.execute(call);
    } catch (ReplyError error) {
      fail(reply, mark, error);
    } catch (WrongTypeException _) {
      fail(reply, mark, ReplyError.WRONG_TYPE);
    } catch (HeapLimitException _) {
      abandon(call);
      fail(reply, mark, ReplyError.OUT_OF_MEMORY);
    } catch (CopyLimitException e) {
      abandon(call);
      fail(reply, mark, ReplyError.err(e.reason()));
    }
    // Compared with what was seen last, not with the start: an error in a transaction fails the
    // command that made it, not EXEC as well.
    if (statistics.errorReplies() != errorsSeen) {
      errorsSeen = statistics.errorReplies();
      if (counts) {
        entry.countFailed();
      }
    }
    propagation.end(call, changes.changes != changesBefore);
    if (client.isTracking() && entry.fetches && changes.tracking != null) {
      changes.tracking.read(call, client);
    }
    if (!call.isRepeated() && counts) {
      client.executed(entry);
      statistics.commandsProcessed++;
      if (observer.monitoring()) {
        observer.executed(call);
      }
    }
  }

  /// What the command has written of its reply is taken back; the client gets the error alone.
  static void fail(Reply reply, int mark, ReplyError error) {
    reply.rollback(mark);
    reply.error(error.text());
  }

  /// The heap was full. Takes back what the command has begun: a value for its destination, a key
  /// that it had not put anything into yet. What is in a value is the value services' business.
  private void abandon(Call call) {
    keyspace.abandon();
    for (int i = 1; i < call.argc(); i++) {
      keyspace.discardIfEmpty(call.db(), call.arg(i));
    }
  }

  // ---- Transactions ----------------------------------------------------------------------------

  void enqueue(Call call) {
    Client client = call.client();
    ClientTransaction transaction = client.transaction;
    // What EXEC will discard anyway need not be kept.
    if (transaction.state() == TransactionState.QUEUEING && !transaction.isBroken()) {
      transaction.queue().add(call);
      if (transaction.queuedBytes() > settings.queryBufferLimitBytes) {
        client.closeAfterReply();
        return;
      }
    }
    client.reply().queued();
  }

  /// What EXEC does once it may run: all queued commands, each with its reply. The unit that EXEC
  /// is in makes of them one transaction for who reads the stream.
  void executeQueued(Client client) {
    ClientTransaction transaction = client.transaction;
    watchedKeys.unwatchAll(client);
    CommandQueue queue = transaction.queue();
    Call call = queuedCall;
    client.reply().array(queue.size());
    for (int i = 0; i < queue.size(); i++) {
      call.open(client, null);
      queue.load(i, call);
      CommandEntry entry = queue.entry(i);
      call.resolve(entry);
      // The rules may have changed since the command was queued.
      Denial denial =
          client.isRestricted()
              ? admission.permissions.check(call, Permissions.Context.MULTI)
              : null;
      if (denial == null) {
        runTimed(call, entry);
      } else {
        client.reply().error(denial.refusalOfQueued().text());
      }
    }
    call.close();
    transaction.end();
    propagation.replaceByNothing();
  }

  /// Back to no transaction: EXEC or DISCARD has been answered, or the client is gone.
  void discardTransaction(Client client) {
    watchedKeys.unwatchAll(client);
    client.transaction.end();
  }

  private void runTimed(Call call, CommandEntry entry) {
    if (!counts) {
      run(call, entry);
      return;
    }
    long start = clock.monotonicNanos();
    run(call, entry);
    long duration = clock.monotonicNanos() - start;
    entry.countCalls(1, duration, settings.latencyTracking);
    if (duration >= observer.slowNanos()) {
      observer.slow(call, duration);
    }
  }

  // ---- Scripts ---------------------------------------------------------------------------------

  /// Runs a command of a script, within the unit of the command that runs the script.
  void runForScript(Call call, CommandEntry entry) {
    runTimed(call, entry);
  }

  /// The errors so far were those of a script's commands, not of the command that runs it.
  void forgetErrors() {
    errorsSeen = statistics.errorReplies();
  }

  /// The command that runs fails with an error that has been counted already.
  void failWithKnownError() {
    errorsSeen = statistics.errorReplies() - 1;
  }

  // ---- Blocking --------------------------------------------------------------------------------

  /// Makes the client of a call wait, or wait on.
  void block(
      Call call,
      int firstArg,
      int lastArg,
      Type type,
      boolean wokenByDeletion,
      long timeoutMillis) {
    KeyWait again = call.repeated();
    if (again != null) {
      again.waitsOn = true;
      return;
    }
    blockedClients.check(call, firstArg, lastArg);
    KeyWait wait =
        blockedClients.newWait(call, type, wokenByDeletion, deadlineNanos(timeoutMillis));
    blockedClients.block(call, firstArg, lastArg, wait);
    call.client().outlet().pause();
  }

  private long deadlineNanos(long timeoutMillis) {
    if (timeoutMillis == 0) {
      return KeyWait.NEVER;
    }
    long now = clock.monotonicNanos();
    long timeoutNanos = TimeUnit.MILLISECONDS.toNanos(timeoutMillis); // Saturates.
    return timeoutNanos > KeyWait.NEVER - now - 1 ? KeyWait.NEVER - 1 : now + timeoutNanos;
  }

  @Override
  public void repeat(KeyWait wait) {
    Client client = wait.client;
    CommandEntry entry = wait.command.entry(0);
    Call call = repeatedCall;
    call.open(client, wait);
    wait.command.load(0, call);
    call.resolve(entry);
    wait.waitsOn = false;
    long start = clock.monotonicNanos();
    runUnit(call, entry);
    long duration = clock.monotonicNanos() - start;
    entry.addNanos(duration);
    if (!wait.waitsOn && duration >= observer.slowNanos()) {
      observer.slow(call, duration);
    }
    call.close();
    if (!wait.waitsOn) {
      release(wait);
    }
  }

  /// The client has its answer.
  private void release(KeyWait wait) {
    Client client = wait.client;
    blockedClients.leave(wait);
    written(client);
    client.outlet().resume();
  }

  /// Answers the clients whose time is up.
  void endOverdueWaits(long nowNanos) {
    KeyWait wait;
    while ((wait = blockedClients.overdue(nowNanos)) != null) {
      wait.client.reply().nilArray();
      release(wait);
    }
  }

  /// CLIENT UNBLOCK: answers a client as after its time-out or with an error. False if it does not
  /// wait for keys.
  boolean unblock(Client client, boolean withError) {
    KeyWait wait = client.keyWait;
    if (wait == null) {
      return false;
    }
    if (withError) {
      client.reply().error(ReplyError.UNBLOCKED.text());
      wait.command.entry(0).countFailed();
      errorsSeen = statistics.errorReplies(); // It is not CLIENT UNBLOCK that has failed.
    } else {
      client.reply().nilArray();
    }
    release(wait);
    return true;
  }

  // ---- Output to others ------------------------------------------------------------------------

  /// Something was written to the client outside its own batch: it is sent when the batch that runs
  /// now is done, or by [#flushWritten].
  void written(Client client) {
    if (client != executing && !client.flushPending) {
      client.flushPending = true;
      toFlush.add(client);
    }
  }

  /// Sends what was written to clients whose batch does not run.
  void flushWritten() {
    if (changes.tracking != null) {
      changes.tracking.batchEnded();
    }
    for (int i = 0; i < toFlush.size(); i++) {
      Client client = toFlush.get(i);
      client.flushPending = false;
      if (client.connection() != Client.Connection.CLOSED) {
        client.outlet().flush();
      }
    }
    toFlush.clear();
  }

  /// As [Engine#push].
  void push(Client client, long at, int bytes) {
    if (client == changes.actor) {
      heldPushes.put(at, bytes);
    } else {
      client.output().put(at, bytes);
      written(client);
    }
  }

  /// The client's command has been answered: what was held back follows.
  private void releasePushes(Client client) {
    client.output().put(heldPushes.address(), heldPushes.length());
    heldPushes.clear();
    if (heldPushes.capacity() > KEPT_PUSH_BYTES) {
      heldPushes.shrinkTo(0);
    }
    written(client);
  }

  // ---- Durations -------------------------------------------------------------------------------

  private boolean isTimedInRuns(CommandEntry entry) {
    return entry.quick && observer.slowNanos() >= SHORTEST_SHARED_SLOWNESS;
  }

  /// Counts the calls since the run began, with the time they took.
  private void endRun(Client client, RequestBatch batch) {
    CommandEntry entry = runEntry;
    runEntry = null;
    if (entry != null && counts) {
      long now = clock.monotonicNanos();
      long duration = now - runStartNanos;
      entry.countCalls(runCalls, duration, settings.latencyTracking);
      if (duration >= observer.slowNanos()) {
        slowCall.open(client, batch, runLast);
        slowCall.resolve(entry);
        observer.slow(slowCall, duration);
        slowCall.close();
      }
      nowNanos = now;
      runStartNanos = now;
    }
    runCalls = 0;
  }

  /// A bug has ended the batch: what runs next must not be taken for a part of it.
  void abandonBatch() {
    runEntry = null;
    executing = null;
    counts = true;
    changes.commandEnded();
  }

  /// Gives back the memory of messages that were held back.
  void close() {
    heldPushes.close();
  }
}
