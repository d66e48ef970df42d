package carnelian.server;

import carnelian.base.Clock;
import carnelian.base.RandomSource;
import carnelian.base.config.Config;
import carnelian.base.config.Directives;
import carnelian.base.config.InvalidValueException;
import carnelian.datatypes.ExpireCommands;
import carnelian.datatypes.HashCommands;
import carnelian.datatypes.KeyCommands;
import carnelian.datatypes.LcsCommand;
import carnelian.datatypes.ListCommands;
import carnelian.datatypes.ListMoveCommands;
import carnelian.datatypes.ObjectCommands;
import carnelian.datatypes.ScanCommands;
import carnelian.datatypes.SetAlgebraCommands;
import carnelian.datatypes.SetCommands;
import carnelian.datatypes.SortCommands;
import carnelian.datatypes.SortedSetAlgebraCommands;
import carnelian.datatypes.SortedSetCommands;
import carnelian.datatypes.SortedSetPopCommands;
import carnelian.datatypes.SortedSetRangeCommands;
import carnelian.datatypes.StringCommands;
import carnelian.datatypes.StringCounterCommands;
import carnelian.engine.Engine;
import carnelian.engine.EngineSettings;
import carnelian.engine.diagnosis.Diagnosis;
import carnelian.engine.introspection.CommandCommands;
import carnelian.engine.pubsub.KeyspaceNotifications;
import carnelian.engine.pubsub.PubSub;
import carnelian.engine.pubsub.PubSubCommands;
import carnelian.engine.transactions.TransactionCommands;
import carnelian.keyspace.Keyspace;
import carnelian.keyspace.KeyspaceOptions;
import carnelian.memory.Heap;
import carnelian.memory.HeapOptions;
import carnelian.net.Alarm;
import carnelian.net.EventLoop;
import carnelian.net.Network;
import carnelian.net.NetworkOptions;
import carnelian.persistence.snapshot.Snapshots;
import java.io.IOException;
import java.util.HexFormat;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/// One store, whole: memory, keyspace, engine, network. Everything of it hangs off this object, and
/// several of them live in one process without knowing each other.
///
/// Made by any thread; all parts but the network are made on the engine's loop and live there.
final class Instance implements AutoCloseable {
  private static final int RUN_ID_DIGITS = 40;

  private final Config config;
  private final Clock clock;
  private final RandomSource random;
  private final Network network;
  private final EventLoop loop;
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Shutdown shutdown;
  private @Nullable Parts parts;

  /// What is made on the loop.
  private record Parts(
      Heap heap,
      Keyspace keyspace,
      Engine engine,
      PubSub pubSub,
      Diagnosis diagnosis,
      KeyspaceNotifications notifications,
      Snapshots snapshots,
      Gateway gateway,
      Settings settings) {}

  Instance(Config config, Clock clock, RandomSource random, Shutdown shutdown) {
    this.config = config;
    this.shutdown = shutdown;
    this.clock = clock;
    this.random = random;
    network = new Network(networkOptions());
    loop = network.engineLoop();
  }

  private NetworkOptions networkOptions() {
    return NetworkOptions.defaults().withIoThreads(config.get(Directives.IO_THREADS));
  }

  /// Makes everything, loads the data and begins to listen.
  ///
  /// @throws IOException if the snapshot cannot be read or is damaged: nothing is served then
  void start() throws InvalidValueException, IOException {
    onLoop(this::build);
    Snapshots snapshots = parts().snapshots();
    onLoop(() -> snapshots.load(snapshots.file()));
    network.serve(parts().gateway());
    onLoop(() -> parts().settings().applyNetwork());
  }

  private void build() throws InvalidValueException {
    Heap heap =
        new Heap(
            HeapOptions.defaults()
                .withThreads(Thread.ofPlatform().daemon().name("heap-", 1).factory()));
    Keyspace keyspace =
        new Keyspace(
            heap,
            new KeyspaceOptions(
                config.get(Directives.DATABASES), random.nextLong(), random.nextLong()),
            clock,
            random);
    EngineAlarm alarm = new EngineAlarm(loop);
    Engine engine = new Engine(clock, random, alarm, keyspace, new EngineSettings());
    alarm.engine = engine;
    PubSub pubSub = new PubSub(engine, random.nextLong());
    KeyspaceNotifications notifications = new KeyspaceNotifications(pubSub);
    engine.notifications(notifications);
    Diagnosis diagnosis = new Diagnosis(engine);
    Snapshots snapshots =
        new Snapshots(engine, config, Instance::newSaver, task -> loop.execute(task));
    engine.writeGuard(snapshots);
    Gateway gateway = new Gateway(engine, config);
    Settings settings = new Settings(config, network, engine);
    parts =
        new Parts(
            heap, keyspace, engine, pubSub, diagnosis, notifications, snapshots, gateway, settings);
    registerCommands(parts());
    settings.applyData(diagnosis, notifications);
    engine.periodically(gateway::closeIdleAndUnread);
    engine.periodically(snapshots::cron);
  }

  private static Thread newSaver(Runnable work) {
    return Thread.ofPlatform().name("snapshot").daemon().unstarted(work);
  }

  private void registerCommands(Parts of) {
    Engine engine = of.engine();
    engine.register(StringCommands.all());
    engine.register(StringCounterCommands.all());
    engine.register(KeyCommands.all());
    engine.register(ExpireCommands.all());
    engine.register(ObjectCommands.all());
    engine.register(ScanCommands.all());
    engine.register(HashCommands.all());
    engine.register(ListCommands.all());
    engine.register(ListMoveCommands.all());
    engine.register(SetCommands.all());
    engine.register(SetAlgebraCommands.all());
    engine.register(SortedSetCommands.all());
    engine.register(SortedSetRangeCommands.all());
    engine.register(SortedSetPopCommands.all());
    engine.register(SortedSetAlgebraCommands.all());
    engine.register(new TransactionCommands(engine).all());
    engine.register(new PubSubCommands(of.pubSub()).all());
    engine.register(of.diagnosis().commands());
    engine.register(new CommandCommands(engine.commands()).all());
    engine.register(of.snapshots().commands());
    engine.register(SortCommands.all());
    engine.register(LcsCommand.all());
    engine.register(new ConfigCommands(config, engine, of.gateway()).all());
    InfoSections sections =
        new InfoSections(
            engine, config, network, of.pubSub(), of.snapshots(), of.gateway(), newRunId());
    engine.register(new InfoCommand(sections.all()).all());
    engine.register(new ConnectionCommands(engine, config, of.pubSub(), of.diagnosis()).all());
    engine.register(new ClientCommands(engine, of.pubSub()).all());
    engine.register(new ServerCommands(clock, shutdown).all());
    engine.register(new DebugCommand(engine, config).all());
  }

  /// Forty hexadecimal digits that tell this run from every other.
  private String newRunId() {
    HexFormat hex = HexFormat.of();
    String digits =
        hex.toHexDigits(random.nextLong())
            + hex.toHexDigits(random.nextLong())
            + hex.toHexDigits(random.nextLong());
    return digits.substring(0, RUN_ID_DIGITS);
  }

  /// Rings the engine's alarm on its loop.
  private static final class EngineAlarm implements carnelian.engine.EngineTimer {
    private final Alarm alarm;
    private @Nullable Engine engine;

    EngineAlarm(EventLoop loop) {
      alarm = loop.alarm(this::ring);
    }

    private void ring() {
      if (engine != null) {
        engine.wake();
      }
    }

    @Override
    public void wakeAt(long nanos) {
      alarm.ringAt(nanos);
    }
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

  /// Saves the data if save points are configured: what an orderly end does first. Not on the loop.
  ///
  /// @throws IOException if it could not be saved; the store goes on
  void saveAtEnd() throws IOException {
    try {
      onLoop(() -> saveOnLoop(false));
    } catch (InvalidValueException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  /// As [#saveAtEnd], on the loop; `always` also without save points.
  void saveOnLoop(boolean always) throws IOException {
    if (always || !config.get(Directives.SAVE).isEmpty()) {
      parts().snapshots().cancel();
      parts().snapshots().saveNow();
    }
  }

  /// Closes every connection and gives all memory back.
  @Override
  public void close() {
    network.close();
    Parts made = parts;
    if (made != null) {
      made.snapshots().close();
      made.engine().close();
      made.diagnosis().close();
      made.notifications().close();
      made.pubSub().close();
      made.keyspace().close();
      made.heap().close();
    }
    closed.countDown();
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
