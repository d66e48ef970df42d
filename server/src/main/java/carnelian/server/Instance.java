package carnelian.server;

import carnelian.base.Clock;
import carnelian.base.ManualClock;
import carnelian.base.RandomSource;
import carnelian.base.config.Config;
import carnelian.base.config.Directives;
import carnelian.base.config.InvalidValueException;
import carnelian.datatypes.DataTypes;
import carnelian.engine.CommandFamily;
import carnelian.engine.Engine;
import carnelian.engine.EngineSettings;
import carnelian.engine.EngineTimer;
import carnelian.engine.LoopTurns;
import carnelian.engine.Pause;
import carnelian.engine.ServingState;
import carnelian.engine.acl.Acl;
import carnelian.engine.diagnosis.Diagnosis;
import carnelian.engine.pubsub.KeyspaceNotifications;
import carnelian.engine.pubsub.PubSub;
import carnelian.engine.tracking.Tracking;
import carnelian.keyspace.Keyspace;
import carnelian.keyspace.KeyspaceOptions;
import carnelian.memory.BackgroundThreads;
import carnelian.memory.Heap;
import carnelian.memory.HeapOptions;
import carnelian.net.Alarm;
import carnelian.net.Connection;
import carnelian.net.EventLoop;
import carnelian.net.Network;
import carnelian.net.NetworkOptions;
import carnelian.net.RequestHandler;
import carnelian.persistence.log.Disk;
import carnelian.persistence.log.Recovered;
import carnelian.persistence.log.SystemDisk;
import carnelian.persistence.snapshot.Rehearsal;
import carnelian.persistence.snapshot.Snapshots;
import carnelian.replication.Replication;
import carnelian.scripting.Scripting;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One store, whole: memory, keyspace, engine, network. Everything of it hangs off this object, and
/// several of them live in one process without knowing each other.
///
/// Made by any thread; all parts but the network are made on the engine's loop and live there. What
/// is public is for those who keep a store in their own process.
public final class Instance implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Instance.class);

  /// A ring of io_uring takes longer to make than all the rest of a second start.
  static final String HOSTED_TRANSPORT = "epoll nio";

  private final Config config;
  private final Clock clock;
  private final RandomSource random;
  private final Network network;
  private final EventLoop loop;
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Shutdown shutdown;
  private final CompletableFuture<Boolean> loaded = new CompletableFuture<>();
  private volatile @Nullable Parts parts;
  private volatile @Nullable ServerFamilies families;
  private volatile @Nullable LastWords lastWords;
  private Disk disk = new SystemDisk();
  private @Nullable UnaryOperator<RequestHandler> interposed;
  private final AtomicBoolean closing = new AtomicBoolean();
  private @Nullable VirtualTime virtualTime;
  private boolean ownsProcess;
  private boolean freePort;
  private boolean keepsNothing;
  private boolean loadsOnly;

  Instance(Config config, Clock clock, RandomSource random, Shutdown shutdown) {
    this(config, clock, random, shutdown, "auto");
  }

  private Instance(
      Config config, Clock clock, RandomSource random, Shutdown shutdown, String transport) {
    this.config = config;
    this.shutdown = shutdown;
    this.clock = clock;
    this.random = random;
    network = new Network(networkOptions(transport));
    loop = network.engineLoop();
  }

  /// A store within another program, which goes on when the store ends: SHUTDOWN, and also a fault,
  /// ends this instance and nothing else. Nothing of the process is touched: no signal, no log, no
  /// standard output. If the clock is a [ManualClock], time stands still but for [#advance].
  public static Instance hosted(Config config, Clock clock, RandomSource random) {
    HostedEnd end = new HostedEnd();
    Instance made = new Instance(config, clock, random, end, HOSTED_TRANSPORT);
    end.of(made);
    return made;
  }

  private NetworkOptions networkOptions(String transport) {
    return NetworkOptions.defaults()
        .withIoThreads(config.get(Directives.IO_THREADS))
        .withTransport(transport);
  }

  /// Makes everything, and begins to listen and to load the data. Clients who come before that is
  /// done are told `LOADING`.
  public void start() throws InvalidValueException, IOException {
    start(null);
  }

  /// As [#start()]; `listening` is run when the ports are open, before anything is loaded or
  /// anybody served.
  void start(@Nullable Runnable listening) throws InvalidValueException, IOException {
    onLoop(this::build);
    RequestHandler gateway = parts().gateway();
    network.serve(interposed == null ? gateway : interposed.apply(gateway));
    onLoop(
        () -> {
          parts().settings().applyNetwork(freePort);
          parts().settings().applyMetrics(families());
          if (listening != null) {
            listening.run();
          }
          if (keepsNothing) {
            loaded(null);
          } else {
            parts().durability().load(this::loaded);
          }
          if (ownsProcess) {
            parts().engine().commands().declareAll(); // Rather now than within a command.
          }
        });
  }

  /// Whether there is an engine, on whose loop things can be done.
  boolean isMade() {
    return parts != null;
  }

  /// Waits until the data is there.
  ///
  /// @throws IOException if the snapshot cannot be read or is damaged: nothing is served then
  public void awaitLoaded() throws InvalidValueException, IOException {
    await(loaded);
  }

  private void loaded(@Nullable IOException failure) {
    if (failure == null) {
      parts().replication().start(parts().durability().streamDatabase());
      loaded.complete(true);
    } else {
      loaded.completeExceptionally(failure);
    }
  }

  /// No other store lives in this process: its files have the names that operators know. Before
  /// [#start].
  void ownProcess() {
    ownsProcess = true;
  }

  /// Where the log and snapshots are written. Before [#start].
  public void disk(Disk other) {
    disk = other;
  }

  /// Listens on a free port in place of the one that is configured. Before [#start].
  public void listenOnFreePort() {
    freePort = true;
  }

  /// Puts a handler between the network and the engine, made of the one that stands there. Before
  /// [#start].
  public void interpose(UnaryOperator<RequestHandler> handler) {
    interposed = handler;
  }

  /// The TCP port that is listened on; -1 if none is. Any thread; the instance is started.
  public int port() {
    List<Integer> ports = network.listeners().ports(Connection.Kind.TCP);
    return ports.isEmpty() ? -1 : ports.getFirst();
  }

  /// The loop that everything happens on.
  public EventLoop loop() {
    return loop;
  }

  /// Clients without a connection. The instance is started.
  public LocalClients localClients() {
    return parts().localClients();
  }

  /// Lets so much time pass on a clock that stands still otherwise, and returns when everything has
  /// happened that falls due meanwhile. Any thread but the loop's.
  public void advance(Duration duration) {
    VirtualTime time = virtualTime;
    if (time == null) {
      throw new IllegalStateException("the clock is the machine's, and goes by itself");
    }
    try {
      onLoop(() -> time.advance(duration.toNanos()));
      onLoop(() -> {}); // Who has waited goes on in tasks of its own.
    } catch (InvalidValueException | IOException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  /// Has no files: nothing is loaded, and what is to be written fails. Before [#start].
  public void keepNothing() {
    keepsNothing = true;
    disk = new NoDisk();
  }

  /// Its data is only looked at: nothing is logged. Before [#start].
  void loadOnly() {
    loadsOnly = true;
  }

  /// What it holds once it is loaded, in words.
  Contents contents() throws InvalidValueException, IOException {
    long[] keys = new long[config.get(Directives.DATABASES)];
    @Nullable Recovered[] found = new @Nullable Recovered[1];
    onLoop(
        () -> {
          for (int i = 0; i < keys.length; i++) {
            keys[i] = parts().keyspace().database(i).size();
          }
          found[0] = parts().durability().recovered();
        });
    Recovered log = found[0];
    return new Contents(keys, log == null ? -1 : log.position().offset());
  }

  /// Keys of each database, and the replication offset that was loaded up to; -1 without a log.
  @SuppressWarnings("ArrayRecordComponent") // Made once and read at once.
  record Contents(long[] keys, long offset) {}

  /// Removes what a save has left unfinished, for a process that ends now. Any thread.
  void removeTemporaryFile() {
    Parts made = parts;
    if (made != null) {
      try {
        Files.deleteIfExists(made.snapshots().temporaryFile());
      } catch (IOException _) {
        // The process ends; the next save writes over it.
      }
    }
  }

  private void build() throws InvalidValueException {
    Heap heap =
        new Heap(
            HeapOptions.defaults()
                .withThreads(Thread.ofPlatform().daemon().name("heap-", 1).factory()));
    Keyspace keyspace = newKeyspace(heap);
    Engine engine = newEngine(keyspace);
    PubSub pubSub = new PubSub(engine, random.nextLong());
    Acl acl = new Acl(engine, pubSub);
    Tracking tracking = new Tracking(engine, random.nextLong());
    KeyspaceNotifications notifications = new KeyspaceNotifications(pubSub);
    engine.notifications(notifications);
    Diagnosis diagnosis = new Diagnosis(engine);
    Snapshots snapshots = newSnapshots(engine);
    Durability durability = newDurability(engine, snapshots);
    engine.writeGuard(durability);
    engine.onFlushAll(snapshots);
    Replication replication =
        new Replication(
            engine,
            config,
            durability.log(),
            snapshots,
            new ReplicationSurroundings(config, loop, random, roleChanged()));
    durability.onReleased(replication);
    MemoryWatch watch = new MemoryWatch(engine, config, tracking, durability.log(), replication);
    keyspace.evictor().usedMemory(watch);
    Gateway gateway = new Gateway(engine, config, durability, shutdown);
    Scripting scripting =
        new Scripting(
            engine, new StoredFunctions(config), config.get(Directives.LUA_ENABLE_DEPRECATED_API));
    engine.functionLibraries(scripting);
    engine.turns(new Turns(loop));
    LocalClients localClients = new LocalClients(loop, engine, durability.gate(), shutdown);
    Settings settings =
        new Settings(config, network, engine, diagnosis, notifications, acl, tracking);
    parts =
        new Parts(
            loop,
            heap,
            keyspace,
            engine,
            pubSub,
            acl,
            tracking,
            diagnosis,
            notifications,
            snapshots,
            durability,
            replication,
            watch,
            gateway,
            scripting,
            localClients,
            settings);
    register(parts());
  }

  /// Gives the engine its commands and what is to be done now and then.
  private void register(Parts of) throws InvalidValueException {
    Engine engine = of.engine();
    ServerFamilies ofServer = new ServerFamilies(of, config, clock, random, network, shutdown);
    families = ofServer;
    for (CommandFamily family : DataTypes.families()) {
      engine.register(family);
    }
    ofServer.register();
    renameCommands(engine);
    of.settings().applyData();
    of.durability().subscribe();
    engine.periodically(ofServer);
    if (ownsProcess) {
      ClientLine clients = new ClientLine(of.pubSub());
      lastWords = new LastWords(engine, config, loop, clients, ofServer::figures);
      engine.periodically(new Rehearsal(engine, newSavers()));
    }
  }

  private Keyspace newKeyspace(Heap heap) {
    KeyspaceOptions options =
        new KeyspaceOptions(config.get(Directives.DATABASES), random.nextLong(), random.nextLong());
    return new Keyspace(heap, options, clock, random);
  }

  private Durability newDurability(Engine engine, Snapshots snapshots) {
    Durability durability = new Durability(engine, config, snapshots, loop, disk);
    if (keepsNothing) {
      durability.keepNothing();
    }
    if (loadsOnly) {
      durability.loadOnly();
    }
    return durability;
  }

  private Engine newEngine(Keyspace keyspace) {
    if (clock instanceof ManualClock manual) {
      VirtualTime time = new VirtualTime(manual, loop);
      Engine engine = new Engine(clock, random, time, keyspace, new EngineSettings());
      time.engine(engine);
      virtualTime = time;
      return engine;
    }
    EngineAlarm alarm = new EngineAlarm(loop);
    Engine engine = new Engine(clock, random, alarm, keyspace, new EngineSettings());
    alarm.engine = engine;
    return engine;
  }

  /// What follows when the server has become a primary or a replica.
  private @Nullable Runnable roleChanged() {
    if (!ownsProcess) {
      return null;
    }
    OomScore score = OomScore.ofProcess(config);
    score.subscribe();
    return score::roleChanged;
  }

  private Snapshots newSnapshots(Engine engine) {
    Snapshots snapshots = new Snapshots(engine, config, newSavers(), this::later);
    snapshots.disk(disk);
    if (ownsProcess) {
      snapshots.temporaryName("temp-" + ProcessHandle.current().pid() + ".rdb");
    }
    return snapshots;
  }

  private void later(Runnable task) {
    try {
      loop.schedule(0, task);
    } catch (RejectedExecutionException _) {
      // The loop has ended, and with it everything that the task is about.
    }
  }

  private static ThreadFactory newSavers() {
    return new BackgroundThreads(Thread.ofPlatform().name("snapshot").daemon().factory());
  }

  private void renameCommands(Engine engine) throws InvalidValueException {
    for (List<String> names : config.get(Directives.RENAME_COMMAND)) {
      String newName = names.get(1);
      if (!newName.isEmpty() && engine.commands().find(newName) != null) {
        throw new InvalidValueException(
            "Target command name already exists: rename-command " + String.join(" ", names));
      }
      if (!engine.commands().rename(names.getFirst(), newName)) {
        throw new InvalidValueException("No such command in rename-command: " + names.getFirst());
      }
    }
  }

  /// Rings the engine's alarm on its loop.
  private static final class EngineAlarm implements EngineTimer, Runnable {
    private final Alarm alarm;
    private @Nullable Engine engine;

    EngineAlarm(EventLoop loop) {
      alarm = loop.alarm(this);
    }

    @Override
    public void run() {
      if (engine != null) {
        engine.wake();
      }
    }

    @Override
    public void wakeAt(long nanos) {
      alarm.ringAt(nanos);
    }
  }

  /// Lets the loop turn within a script.
  private record Turns(EventLoop loop) implements LoopTurns {
    @Override
    public boolean arePossible() {
      return loop.canTurn();
    }

    @Override
    public void turn() {
      loop.turn();
    }

    @Override
    public void await(long mostNanos) {
      loop.await(mostNanos);
    }
  }

  /// The page of metrics.
  MetricsPages metrics() {
    return families().metrics();
  }

  private ServerFamilies families() {
    ServerFamilies made = families;
    if (made == null) {
      throw new IllegalStateException("not started");
    }
    return made;
  }

  private Parts parts() {
    Parts made = parts;
    if (made == null) {
      throw new IllegalStateException("not started");
    }
    return made;
  }

  /// A step on the loop that may find a directive's value, or a file, impossible.
  private interface Step {
    void run() throws InvalidValueException, IOException;
  }

  private void onLoop(Step step) throws InvalidValueException, IOException {
    CompletableFuture<Boolean> done = new CompletableFuture<>();
    loop.execute(
        () -> {
          try {
            step.run();
            done.complete(true);
          } catch (InvalidValueException | IOException | RuntimeException | Error e) {
            done.completeExceptionally(e);
          }
        });
    await(done);
  }

  private static void await(CompletableFuture<Boolean> done)
      throws InvalidValueException, IOException {
    try {
      done.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof InvalidValueException invalid) {
        throw invalid;
      }
      if (e.getCause() instanceof IOException unreadable) {
        throw unreadable;
      }
      throw e;
    }
  }

  /// Stops the script that runs, if one does and has written nothing: the end does not wait for it.
  /// Any thread.
  void stopScript() {
    loop.executeInTurns(parts().scripting()::endSoon);
  }

  /// What a report of its end tells; null if nothing is made yet. Any thread.
  @Nullable LastWords lastWords() {
    return lastWords;
  }

  /// Whether every replica has all there is. On the loop.
  boolean replicasCaughtUp() {
    return parts().replication().isCaughtUp();
  }

  /// Lets nobody write until [#letWrite]. On the loop.
  void holdWrites() {
    parts().engine().pause(Pause.WRITE, Long.MAX_VALUE);
  }

  /// On the loop.
  void letWrite() {
    parts().engine().unpause();
  }

  /// Says which replicas lag behind at the end. On the loop.
  void reportLag() {
    parts().replication().reportLag();
  }

  Config config() {
    return config;
  }

  Clock clock() {
    return clock;
  }

  /// Saves the data if save points are configured, or `always`: what an orderly end does first. On
  /// the loop.
  ///
  /// @throws IOException if it could not be saved; the store goes on
  void saveOnLoop(boolean always) throws IOException {
    if (parts().engine().serving() == ServingState.LOADING) {
      return; // What is half loaded must not replace the file.
    }
    parts().durability().flush();
    if (always || !config.get(Directives.SAVE).isEmpty()) {
      parts().snapshots().cancel();
      parts().snapshots().saveNow();
    }
  }

  /// Saves if it is to be saved, and says why if that fails. On the loop.
  ///
  /// @return whether the end can go on
  boolean saveBeforeEnd(Shutdown.Request request) {
    if (parts().durability().log().isWritingFirstBase()) {
      LOG.warn("Writing initial AOF{}", request.force() ? ". Exit anyway." : ", can't exit.");
      if (!request.force()) {
        return false;
      }
    }
    if (request.saving() == Shutdown.Saving.NEVER) {
      return true;
    }
    try {
      saveOnLoop(request.saving() == Shutdown.Saving.ALWAYS);
      return true;
    } catch (IOException e) {
      LOG.warn("Error trying to save the DB, can't exit: {}", e.getMessage());
      return request.force();
    }
  }

  /// The orderly end: puts the log on disk, saves if there are save points, and closes. If that
  /// cannot be done the log of the process says why. Not on the loop.
  public void shutDown() {
    if (!closing.get() && loaded.isDone() && !loaded.isCompletedExceptionally()) {
      try {
        onLoop(() -> saveBeforeEnd(ORDERLY));
      } catch (InvalidValueException | IOException | RejectedExecutionException e) {
        LOG.debug("Closed meanwhile", e);
      }
    }
    close();
  }

  private static final Shutdown.Request ORDERLY =
      new Shutdown.Request(Shutdown.Saving.AS_CONFIGURED, true, true);

  /// Whether [#close] has been called, by whomever.
  public boolean isClosed() {
    return closing.get();
  }

  /// Closes every connection and gives all memory back; returns when everything has gone, also if
  /// another thread has called it first. Not on the loop.
  @Override
  public void close() {
    if (loop.inLoop()) {
      throw new IllegalStateException("the engine's thread does not wait for its own end");
    }
    if (!closing.compareAndSet(false, true)) {
      awaitClosed();
      return;
    }
    try {
      end();
    } finally {
      closed.countDown();
    }
  }

  private void end() {
    Parts made = parts;
    if (made != null) {
      stopScript();
      endStream(made);
    }
    network.close();
    if (made != null) {
      made.localClients().close();
      ServerFamilies ofServer = families;
      if (ofServer != null) {
        ofServer.close();
      }
      made.snapshots().close();
      made.scripting().close();
      made.engine().close();
      made.diagnosis().close();
      made.notifications().close();
      made.acl().close();
      made.tracking().close();
      made.pubSub().close();
      made.keyspace().close();
      made.heap().close();
    }
  }

  /// While there is still a loop that its writer can answer to.
  private void endStream(Parts made) {
    try {
      onLoop(
          () -> {
            ServerFamilies ofServer = families;
            if (ofServer != null) {
              ofServer.endMetrics();
            }
            made.snapshots().cancel();
            made.replication().close();
            made.durability().close();
          });
    } catch (InvalidValueException | IOException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  /// Waits for the end of [#close].
  void awaitClosed() {
    try {
      closed.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
