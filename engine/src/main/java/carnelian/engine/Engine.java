package carnelian.engine;

import carnelian.base.Clock;
import carnelian.base.Invariant;
import carnelian.base.RandomSource;
import carnelian.keyspace.ExpiryMode;
import carnelian.keyspace.Keyspace;
import carnelian.resp.RequestBatch;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Runs commands against one keyspace: the one thread that owns the data works here.
///
/// Who has a connection calls [#connect], then [#execute] for each batch that was read, sends the
/// outlet's buffer, and calls [#disconnect] at the end. The owner of the loop calls [#wake] when
/// the [EngineTimer] rings. Everything is called on the engine's thread; nothing here locks.
public final class Engine implements AutoCloseable {
  /// Keys removed between two looks at the clock.
  private static final int EXPIRE_BUDGET = 64;

  /// How long one slice of removing expired keys may keep clients waiting.
  private static final long EXPIRE_SLICE_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

  /// Allocations given back in one slice, some 200 microseconds.
  private static final int LAZY_FREE_BUDGET = 4096;

  /// The pause between two slices of what could not be done in one.
  private static final long NEXT_SLICE_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

  private final Clock clock;
  private final EngineTimer timer;
  private final Keyspace keyspace;
  private final CommandTable commands = new CommandTable();
  private final Clients clients = new Clients();
  private final Statistics statistics = new Statistics();
  private final EngineSettings settings;
  private final Propagation propagation = new Propagation();
  private final JavaHeapBudget javaHeap = JavaHeapBudget.ofProcess();
  private final WatchedKeys watchedKeys;
  private final BlockedClients blockedClients;
  private final Changes changes;
  private final Dispatcher dispatcher;
  private final Admission admission;
  private final ScriptRun scriptRun;
  private final List<Periodic> periodic = new ArrayList<>();
  private final List<DisconnectListener> disconnectListeners = new ArrayList<>();

  private ExpiryMode expiryMode = ExpiryMode.REMOVE;
  private boolean defaultUserRestricted;
  private boolean cronPaused;
  private boolean executing;
  private FunctionLibraries functionLibraries = new FunctionLibraries.Kept();
  private long pauseEndMillis;
  private long nextPeriodNanos;
  private long armedNanos = Long.MAX_VALUE;
  private Clock stopwatch;

  /// Port: who keeps something of a client and has to forget it (subscriptions, MONITOR).
  public interface DisconnectListener {
    void disconnected(Client client);
  }

  /// Port: who hears of FLUSHALL.
  public interface FlushListener {
    /// All keys have gone.
    void flushedAll();
  }

  /// Port: work that is done some times a second.
  public interface Periodic {
    void cron();
  }

  public Engine(
      Clock clock,
      RandomSource random,
      EngineTimer timer,
      Keyspace keyspace,
      EngineSettings settings) {
    this.clock = clock;
    stopwatch = clock;
    this.timer = timer;
    this.keyspace = keyspace;
    this.settings = settings;
    watchedKeys = new WatchedKeys(random.nextLong(), javaHeap);
    blockedClients = new BlockedClients(random.nextLong(), javaHeap);
    changes = new Changes(watchedKeys, blockedClients, propagation);
    dispatcher =
        new Dispatcher(
            clock,
            random,
            keyspace,
            commands,
            statistics,
            settings,
            changes,
            propagation,
            watchedKeys,
            blockedClients,
            javaHeap);
    admission = dispatcher.admission;
    scriptRun = new ScriptRun(dispatcher, statistics);
    keyspace.listener(changes);
    dispatcher.readClock();
    nextPeriodNanos = dispatcher.nowNanos();
    arm();
  }

  // ---- Parts -----------------------------------------------------------------------------------

  public void register(List<Command> list) {
    commands.register(list);
  }

  /// As [#register(List)], but they are declared when one of them is asked for.
  public void register(CommandFamily family) {
    commands.register(family);
  }

  public CommandTable commands() {
    return commands;
  }

  public Clients clients() {
    return clients;
  }

  /// Where scripts run their commands.
  public ScriptRun scriptRun() {
    return scriptRun;
  }

  public Statistics statistics() {
    return statistics;
  }

  public EngineSettings settings() {
    return settings;
  }

  public Keyspace keyspace() {
    return keyspace;
  }

  /// What is kept for clients on the Java heap counts against it.
  public JavaHeapBudget javaHeap() {
    return javaHeap;
  }

  public Clock clock() {
    return clock;
  }

  /// Measures how long work takes that must not take for ever: scripts, writes to disk. The same as
  /// [#clock] unless that one stands still.
  public Clock stopwatch() {
    return stopwatch;
  }

  /// For an engine whose clock only moves when it is told to. Before anything else is made of it.
  public void stopwatch(Clock running) {
    stopwatch = running;
  }

  public RandomSource random() {
    return dispatcher.random();
  }

  public void permissions(Permissions rules) {
    admission.permissions = rules;
  }

  public void writeGuard(WriteGuard guard) {
    admission.writeGuard = guard;
  }

  public void replicationGuard(ReplicationGuard guard) {
    admission.replicationGuard = guard;
  }

  public void observer(CommandObserver observer) {
    dispatcher.observer(observer);
  }

  /// Tells the observer what else kept clients waiting.
  public void delayed(String event, long nanos) {
    dispatcher.observer.delayed(event, nanos);
  }

  public void sampler(CommandSampler sampler) {
    dispatcher.sampler(sampler);
  }

  public void notifications(KeyNotifications notifications) {
    changes.notifications = notifications;
  }

  public void tracking(@Nullable KeyTracking tracking) {
    changes.tracking = tracking;
  }

  /// Gives the propagated stream to a feed; null: to nobody.
  public void feed(@Nullable CommandFeed feed) {
    propagation.attach(feed);
  }

  /// Somebody begins to read the stream here: its next command is preceded by SELECT.
  public void restartFeedDatabase() {
    propagation.forgetDatabase();
  }

  /// The database that is selected in the stream; -1 if a SELECT comes next.
  public int streamDatabase() {
    return propagation.streamDatabase();
  }

  /// Whether keys go when memory is short: not on a copy, which loses what its primary deletes.
  public void evicts(boolean may) {
    admission.evicts = may;
  }

  /// Hears of FLUSHALL, after all keys have gone: there is nothing left that is worth saving.
  public void onFlushAll(FlushListener listener) {
    dispatcher.flushListener = listener;
  }

  public void onDisconnect(DisconnectListener listener) {
    disconnectListeners.add(listener);
  }

  /// Whether periodic work rests: `DEBUG PAUSE-CRON`.
  public void pauseCron(boolean paused) {
    cronPaused = paused;
  }

  /// Has this done `hz` times a second.
  public void periodically(Periodic work) {
    periodic.add(work);
  }

  /// Gets below the memory limit without waiting for a command: the limit has changed.
  public void evictSoon() {
    admission.evictSoon();
    arm();
  }

  /// What new clients meet: whether they have to authenticate before anything else, and whether
  /// there is anything that the default user may not do.
  public void defaultUser(boolean needsPassword, boolean restricted) {
    admission.passwordRequired = needsPassword;
    defaultUserRestricted = restricted;
  }

  /// Whether new clients have to authenticate before anything else.
  public boolean passwordRequired() {
    return admission.passwordRequired;
  }

  public Permissions permissions() {
    return admission.permissions;
  }

  /// Whether expired and evicted keys are propagated as UNLINK instead of DEL.
  public void propagateDeletions(boolean expiredAsUnlink, boolean evictedAsUnlink) {
    changes.expireDeletion = expiredAsUnlink ? "UNLINK" : "DEL";
    changes.evictDeletion = evictedAsUnlink ? "UNLINK" : "DEL";
  }

  // ---- Clients ---------------------------------------------------------------------------------

  public Client connect(Outlet outlet) {
    Client client = new Client(clients.newId(), outlet, keyspace.database(0), clock.wallMillis());
    forgetUser(client);
    client.reply().onError(statistics);
    clients.add(client);
    statistics.connectionsReceived++;
    return client;
  }

  /// Executes the commands of a batch, the first of them at `first`, and returns the index of the
  /// first one that was not executed: all of them were if that is `batch.commands()`. Fewer mean
  /// that the client waits ([Outlet#pause] was called; what is left comes again after
  /// [Outlet#resume]) or is being closed. The replies stand in the outlet's buffer, for the caller
  /// to send.
  public int execute(Client client, RequestBatch batch, int first) {
    int next;
    try {
      next = dispatcher.execute(client, batch, first);
    } catch (RuntimeException | Error bug) {
      dispatcher.abandonBatch();
      throw bug;
    }
    if (client.connection() == Client.Connection.CLOSING_AFTER_REPLY) {
      client.outlet().closeAfterFlush();
    }
    if (dispatcher.turns.busy == null) {
      arm();
    }
    return next;
  }

  /// As [#execute(Client, RequestBatch, int)] from the first command.
  public int execute(Client client, RequestBatch batch) {
    return execute(client, batch, 0);
  }

  /// The connection is gone: nothing of the client remains.
  public void disconnect(Client client) {
    if (client.connection() == Client.Connection.CLOSED) {
      return;
    }
    Invariant.check(changes.actor != client, "a client does not vanish while its command runs");
    KeyWait wait = client.keyWait;
    if (wait != null) {
      blockedClients.leave(wait);
    }
    client.blockage = Client.Blockage.NONE;
    dispatcher.discardTransaction(client);
    client.transaction.close();
    for (DisconnectListener listener : disconnectListeners) {
      listener.disconnected(client);
    }
    client.closed();
    clients.remove(client);
  }

  /// Closes a client on somebody else's behalf (CLIENT KILL, a limit): at once, or after the reply
  /// if its own command asks for it.
  public void kill(Client client) {
    if (client == changes.actor || client == dispatcher.executing()) {
      client.closeAfterReply();
      return;
    }
    Outlet outlet = client.outlet();
    disconnect(client);
    outlet.close();
  }

  /// What RESET does to a client: no transaction, no watch, database 0, RESP2, replies on, the
  /// default user. Subscriptions and MONITOR are their owners' business.
  public void reset(Client client) {
    dispatcher.discardTransaction(client);
    client.select(keyspace.database(0));
    client.protocol(2);
    client.replyMode(ReplyMode.ON);
    client.name("");
    client.noTouch(false);
    client.noEvict(false);
    client.monitor(false);
    forgetUser(client);
  }

  /// The client is what a new one is: the default user, who may have to show a password.
  public void forgetUser(Client client) {
    client.forgetUser(admission.passwordRequired, defaultUserRestricted);
  }

  /// Something was written to the client's reply while another client's command runs: it is sent
  /// after that one's batch.
  public void written(Client client) {
    dispatcher.written(client);
  }

  /// Sends a client a message that answers none of its commands: RESP that is complete in itself,
  /// even where its replies are dropped. While a command of that client runs, the message waits
  /// until it has been answered, so that it never stands within a reply.
  public void push(Client client, long at, int bytes) {
    dispatcher.push(client, at, bytes);
  }

  // ---- Transactions ----------------------------------------------------------------------------

  /// MULTI. False if the client is in a transaction already.
  public boolean beginTransaction(Client client) {
    if (client.isInTransaction()) {
      return false;
    }
    client.transaction.begin();
    return true;
  }

  /// EXEC: runs what was queued, or replies why not.
  public void executeTransaction(Client client) {
    ClientTransaction transaction = client.transaction;
    switch (transaction.state()) {
      case NONE -> throw ReplyError.EXEC_WITHOUT_MULTI;
      case DOOMED -> {
        dispatcher.discardTransaction(client);
        throw ReplyError.EXEC_ABORT;
      }
      case QUEUEING -> {
        if (transaction.isBroken() || watchedKeys.anyExpired(client)) {
          dispatcher.discardTransaction(client);
          client.reply().nilArray();
        } else {
          executing = true;
          try {
            dispatcher.executeQueued(client);
          } finally {
            executing = false;
          }
        }
      }
    }
  }

  /// Whether the commands of a transaction run: what they have changed is in the data, but not yet
  /// in the stream.
  public boolean isExecutingTransaction() {
    return executing;
  }

  /// DISCARD, or what RESET and a lost connection do. Watches are given up too.
  public void discardTransaction(Client client) {
    dispatcher.discardTransaction(client);
  }

  /// WATCH.
  public void watch(Call call, int firstArg, int lastArg) {
    for (int i = firstArg; i <= lastArg; i++) {
      watchedKeys.watch(call.client(), call.arg(i));
    }
  }

  /// UNWATCH: the keys watched so far no longer matter.
  public void unwatch(Client client) {
    watchedKeys.unwatchAll(client);
    client.transaction.mendWatch();
  }

  /// Clients that watch a key; `watching_clients` of INFO.
  public int watchingClients() {
    return watchedKeys.clients();
  }

  /// Keys watched; `total_watched_keys` of INFO.
  public int watchedKeys() {
    return watchedKeys.keys();
  }

  // ---- Scripts ---------------------------------------------------------------------------------

  /// The function libraries, which are saved and loaded with the data.
  public FunctionLibraries functionLibraries() {
    return functionLibraries;
  }

  public void functionLibraries(FunctionLibraries libraries) {
    functionLibraries = libraries;
  }

  /// Lets others be served, from within a command that takes long ([Command#turning]): what they
  /// send is refused, unless it is one of the few commands that may run meanwhile. The data does
  /// not change, and what is due by the clock waits.
  public void turn(ReplyError refusal) {
    dispatcher.turns.take(refusal);
  }

  /// As [#turn], but waits until there is somebody to serve or something else to do: for a command
  /// that can only go on when its own client has said something; see [Outlet#converse]. Until a
  /// moment of the monotonic clock, what would be refused is held back, at most until
  /// [#endWaiting].
  public void await(ReplyError refusal, long patientUntilNanos) {
    dispatcher.turns.await(refusal, patientUntilNanos);
  }

  /// Lets everyone go on who was held back; the command that waited is done.
  public void endWaiting() {
    dispatcher.turns.release();
  }

  /// Part of a command that takes long is done, some microseconds of it; see [LoopTurns#worked].
  public void worked() {
    dispatcher.turns.loop.worked();
  }

  /// What whoever is served within a turn is refused with; null outside of a turn.
  public @Nullable ReplyError busy() {
    return dispatcher.turns.busy;
  }

  /// The process ends, and the command in the middle of which we are with it: whoever reads the
  /// stream sees nothing of what it did, and no further command is run. Within a turn.
  public void abandon() {
    Invariant.check(dispatcher.turns.busy != null, "a command goes on");
    dispatcher.turns.abandon();
  }

  /// Whether a command that takes turns has to end at once.
  public boolean isAbandoned() {
    return dispatcher.turns.isAbandoned();
  }

  public void turns(LoopTurns loop) {
    dispatcher.turns.loop = loop;
  }

  /// Null if writes are allowed now, else what a client that tries is told.
  public @Nullable ReplyError writeRefusal(Client client) {
    return admission.refusalOfWrites(client);
  }

  // ---- Blocked clients -------------------------------------------------------------------------

  /// `blocked_clients` of INFO.
  public int blockedClients() {
    return blockedClients.clients() + pausedClients();
  }

  /// `clients_in_timeout_table` of INFO.
  public int clientsWithTimeout() {
    return blockedClients.clientsWithTimeout();
  }

  /// `total_blocking_keys` of INFO.
  public int blockingKeys() {
    return blockedClients.keys();
  }

  /// CLIENT UNBLOCK. False if the client does not wait for keys.
  public boolean unblock(Client client, boolean withError) {
    return dispatcher.unblock(client, withError);
  }

  /// Makes the client of the command that runs wait for something else than keys; nothing more of
  /// it is executed until [#resume]. The reply may be written later.
  public void suspend(Client client) {
    client.blockage = Client.Blockage.WORK;
    client.outlet().pause();
  }

  /// The wait is over, and the reply is written. Not while a command runs.
  public void resume(Client client) {
    if (client.blockage == Client.Blockage.WORK) {
      client.blockage = Client.Blockage.NONE;
      client.outlet().flush();
      client.outlet().resume();
    }
  }

  private int pausedClients() {
    int count = 0;
    for (Client client : clients.all()) {
      if (client.blockage == Client.Blockage.PAUSE || client.blockage == Client.Blockage.WORK) {
        count++;
      }
    }
    return count;
  }

  /// CLIENT PAUSE. A pause that is on already is never made shorter or milder.
  public void pause(Pause kind, long untilMillis) {
    Pause stricter = admission.pause.compareTo(kind) > 0 ? admission.pause : kind;
    admission.pause = stricter;
    pauseEndMillis = Math.max(pauseEndMillis, untilMillis);
    keyspace.expiryMode(ExpiryMode.HIDE);
    arm();
  }

  public Pause pause() {
    return admission.pause;
  }

  /// When the pause ends; 0 if there is none.
  public long pauseEndMillis() {
    return pauseEndMillis;
  }

  /// CLIENT UNPAUSE, or the end of the pause's time: who was held back goes on.
  public void unpause() {
    admission.pause = Pause.NONE;
    pauseEndMillis = 0;
    keyspace.expiryMode(expiryMode);
    for (Client client : clients.snapshot()) {
      if (client.blockage == Client.Blockage.PAUSE) {
        client.blockage = Client.Blockage.NONE;
        client.outlet().resume();
      }
    }
  }

  /// What keys past their deadline are when no pause is on: a replica hides them.
  public void expiryMode(ExpiryMode mode) {
    expiryMode = mode;
    if (admission.pause == Pause.NONE) {
      keyspace.expiryMode(mode);
    }
  }

  // ---- State -----------------------------------------------------------------------------------

  public ServingState serving() {
    return admission.serving;
  }

  public void serving(ServingState state) {
    admission.serving = state;
  }

  /// Changes since the last save that succeeded: `rdb_changes_since_last_save`.
  public long dirty() {
    return changes.dirty;
  }

  /// A save has succeeded that holds all but `left` of the changes.
  public void dirty(long left) {
    changes.dirty = left;
  }

  /// CONFIG RESETSTAT, the engine's part.
  public void resetStatistics() {
    statistics.reset();
    commands.resetStatistics();
  }

  // ---- Time ------------------------------------------------------------------------------------

  /// As [#wake], and runs the periodic work whatever the clock says: for an engine whose clock only
  /// moves when it is told to, and which has work that waits for no time.
  public void tick() {
    nextPeriodNanos = Long.MIN_VALUE;
    wake();
  }

  /// Does what is due: ends waits and the pause, removes expired keys, runs the periodic work.
  public void wake() {
    armedNanos = Long.MAX_VALUE;
    if (dispatcher.turns.busy != null) {
      return; // What is due is not forgotten: the alarm is set when the command is done.
    }
    dispatcher.readClock();
    long nowNanos = dispatcher.nowNanos();
    dispatcher.endOverdueWaits(nowNanos);
    if (admission.pause != Pause.NONE && dispatcher.nowMillis() >= pauseEndMillis) {
      unpause();
    }
    if (admission.serving == ServingState.SERVING) {
      if (!cronPaused) {
        removeExpired(nowNanos);
      }
      admission.goOnEvicting();
    }
    if (keyspace.lazyFreePending() > 0) {
      boolean _ = keyspace.freeLazily(LAZY_FREE_BUDGET);
    }
    if (nowNanos >= nextPeriodNanos) {
      runPeriodicWork(nowNanos);
    }
    dispatcher.flushWritten();
    arm();
  }

  /// Removes keys that are due, for as long as the clients can wait.
  private void removeExpired(long startNanos) {
    long endNanos = startNanos + EXPIRE_SLICE_NANOS;
    long now = startNanos;
    int removed;
    do {
      removed = keyspace.expiry().expireDue(EXPIRE_BUDGET);
      if (removed > 0) {
        now = clock.monotonicNanos();
      }
    } while (removed == EXPIRE_BUDGET && now < endNanos);
    if (now != startNanos) {
      statistics.expireNanos += now - startNanos;
      dispatcher.observer.delayed("expire-cycle", now - startNanos);
    }
  }

  private void runPeriodicWork(long nowNanos) {
    nextPeriodNanos = nowNanos + TimeUnit.SECONDS.toNanos(1) / settings.hertz;
    statistics.sample(dispatcher.nowMillis());
    for (int i = 0; i < periodic.size() && !cronPaused; i++) {
      periodic.get(i).cron();
    }
    dispatcher.observer.delayed("cron", clock.monotonicNanos() - nowNanos);
  }

  /// Sets the alarm to the first of the engine's deadlines, if it is not set to an earlier moment.
  private void arm() {
    long next = Math.min(nextPeriodNanos, blockedClients.nextDeadlineNanos());
    if (admission.serving == ServingState.SERVING
        && !cronPaused
        && keyspace.expiryMode() == ExpiryMode.REMOVE) {
      next = Math.min(next, nanosOf(keyspace.expiry().nextDueMillis()));
    }
    if (admission.isEvicting() || keyspace.lazyFreePending() > 0) {
      next = Math.min(next, dispatcher.nowNanos() + NEXT_SLICE_NANOS);
    }
    if (admission.pause != Pause.NONE) {
      next = Math.min(next, nanosOf(pauseEndMillis));
    }
    if (next < armedNanos) {
      armedNanos = next;
      timer.wakeAt(next);
    }
  }

  /// The monotonic moment of a wall clock time, at the earliest a millisecond from now if it has
  /// passed: what is due and still there waits for the next slice.
  private long nanosOf(long wallMillis) {
    if (wallMillis == Long.MAX_VALUE) {
      return Long.MAX_VALUE;
    }
    long ahead = Math.max(wallMillis - dispatcher.nowMillis(), 1);
    long aheadNanos = TimeUnit.MILLISECONDS.toNanos(ahead);
    long now = dispatcher.nowNanos();
    return aheadNanos > Long.MAX_VALUE - now ? Long.MAX_VALUE : now + aheadNanos;
  }

  /// Forgets all clients and gives back the engine's own memory. The keyspace is its owner's.
  @Override
  public void close() {
    for (Client client : clients.snapshot()) {
      disconnect(client);
    }
    dispatcher.close();
    scriptRun.close();
    propagation.close();
    watchedKeys.close();
    blockedClients.close();
  }
}
